import type { FindingName } from '../../../src/domain/findingCatalogue.ts'

/** What is put into a file below `spec`. Maps are merged; `nodes` may be a map by place: `{ 3: { hostname: 'w9' } }`. */
export type Change = Readonly<Record<string, unknown>>

/** Why RKE2 starts with a value that Slipway refuses, and what comes of it. */
export interface OnlySlipway {
  readonly only: 'slipway'
  readonly because: string
  readonly written?: false
}

/** Likewise, of a form that Slipway never writes into a config.yaml: what RKE2 does with it can't be asked. */
export const unwritten = (because: string): OnlySlipway => ({ only: 'slipway', because, written: false })

export const onlySlipway = (because: string): OnlySlipway => ({ only: 'slipway', because })

/** One fault in a file that is right otherwise, and its neighbour: nearly the same change, and right. */
export interface PlantedFault {
  /** Completes 'refuses …'. */
  readonly what: string
  /** Three servers and two workers of IPv4 unless said otherwise. */
  readonly base?: Base
  /** What both files have beside the base. */
  readonly given?: Change
  readonly fault: Change
  readonly neighbour: Change
  /** Files that the cluster file names, by name. */
  readonly files?: {
    readonly fault: Readonly<Record<string, string>>
    readonly neighbour: Readonly<Record<string, string>>
  }
  /** Where findings point, below `spec`; there is one finding for each, and no other. */
  readonly at: string | readonly string[]
  readonly finding: FindingName
  /** Its message and its remedy. */
  readonly says: RegExp
  /** What a program of RKE2 says of the file that Slipway would have written, as `HOST: PROGRAM: MESSAGE`. */
  readonly refused: RegExp | OnlySlipway
}

type Places = Pick<PlantedFault, 'fault' | 'neighbour' | 'at'>

/** A wrong and a right value of one key of cluster_vars. */
export const vars = (key: string, wrong: unknown, right: unknown): Places => ({
  fault: { cluster_vars: { [key]: wrong } },
  neighbour: { cluster_vars: { [key]: right } },
  at: `cluster_vars.${key}`,
})

/** Likewise of a key below extra. */
export const extra = (key: string, wrong: unknown, right: unknown): Places => ({
  fault: { cluster_vars: { extra: { [key]: wrong } } },
  neighbour: { cluster_vars: { extra: { [key]: right } } },
  at: `cluster_vars.extra.${key}`,
})

/** Likewise of a field of one node: 0 is the first server, 3 the first worker. */
export const node = (place: number, field: string, wrong: unknown, right: unknown): Places => ({
  fault: { nodes: { [place]: { [field]: wrong } } },
  neighbour: { nodes: { [place]: { [field]: right } } },
  at: `nodes[${place}].${field}`,
})

/** Likewise of a field of the cluster. */
export const field = (name: string, wrong: unknown, right: unknown): Places => ({
  fault: { [name]: wrong },
  neighbour: { [name]: right },
  at: name,
})

export type Base = 'IPv4' | 'IPv6' | 'both'

const addressOf: Readonly<Record<Base, (last: number) => string>> = {
  IPv4: last => `10.0.0.${last}`,
  IPv6: last => `fd00::${last}`,
  both: last => `10.0.0.${last},fd00::${last}`,
}
const bothRanges = {
  'cluster-cidr': '10.42.0.0/16,fd00:42::/56',
  'service-cidr': '10.43.0.0/16,fd00:43::/112',
}

/** A right cluster file of three servers and two workers. */
function baseFile(base: Base): Change {
  const machine = (hostname: string, last: number, role: string) => ({
    hostname,
    internal_ip: addressOf[base](last),
    role,
  })
  return {
    distribution: 'rke2',
    version: 'v1.34.1+rke2r1',
    cluster_vars: base === 'both' ? bothRanges : {},
    nodes: [
      machine('m1', 11, 'initial_master'),
      machine('m2', 12, 'master'),
      machine('m3', 13, 'master'),
      machine('w1', 21, 'worker'),
      machine('w2', 22, 'worker'),
    ],
  }
}

const isMap = (value: unknown): value is Change => typeof value === 'object' && value !== null && !Array.isArray(value)

function merged(before: unknown, change: unknown): unknown {
  if (!isMap(change)) return change
  if (Array.isArray(before)) return before.map((item, place) => (place in change ? merged(item, change[place]) : item))
  const old = isMap(before) ? before : {}
  return { ...old, ...Object.fromEntries(Object.entries(change).map(([key, value]) => [key, merged(old[key], value)])) }
}

/** The cluster file with the fault in it, or with what is right in its place. */
export function fileWith(row: PlantedFault, which: 'fault' | 'neighbour'): { readonly spec: unknown } {
  const spec = [row.given ?? {}, row[which]].reduce<unknown>(merged, baseFile(row.base ?? 'IPv4'))
  return Object.assign({ apiVersion: 'slipway/v1', kind: 'Cluster', metadata: { name: 'demo' } }, { spec })
}
