import type { Json } from '../../contract/json.ts'
import type { Change } from '../../engine/contract/stage.ts'
import { canonicalJson } from '../../engine/plan/canonical.ts'
import type { ChartDefinition } from '../../helm/chartTree.ts'
import type { Release, ReleaseState } from '../../helm/release.ts'
import { keyedHash } from '../../secrets/seal.ts'
import { toldChange, valueChanges } from './valueChanges.ts'

/** A chart as it is wanted. */
export interface WantedChart {
  readonly name: string
  readonly namespace: string
  readonly facts: {
    readonly name: string
    readonly version: string
    /** What it and those of its subcharts that the values turn on define in `crds/`. */
    readonly definitions: readonly ChartDefinition[]
    /** Whether what it is made of hangs on what the cluster has. */
    readonly asksCluster: boolean
  }
  readonly packed: Uint8Array
  /** sha256 of what is packed, hex. */
  readonly digest: string
  readonly values: Readonly<Record<string, Json>>
  /** Paths of those that are in a sealed file. */
  readonly secretPaths: ReadonlySet<string>
}

/** By this a revision is known as one that Slipway made of just this packed chart. Helm gives each revision a text. */
export const revisionMark = (digest: string): string => `Slipway: chart sha256 ${digest.slice(0, 16)}`

/** More than anybody reads. */
const mostValues = 20

/**
 * What has to be done so that a release is as wanted; empty where nothing has. Compared is what is in force: a step that
 * failed or was broken off is taken again, as the one that it was. Pure.
 * @param hashKey hex key by which values that may be secret are compared.
 */
export function releaseChanges(wanted: WantedChart, state: ReleaseState | null, hashKey: string): Change[] {
  const { name, namespace, facts, digest } = wanted
  const target = (part: string) => `release/${namespace}/${name}/${part}`
  const version = `${facts.name} ${facts.version}`
  if (!state?.deployed) {
    const detail = { chart: digest, values: keyedHash(hashKey, canonicalJson(wanted.values)) }
    const again = state ? `, again: ${brokenOff(state.newest)}` : ''
    return [
      {
        effect: 'create',
        target: target('chart'),
        summary: `install ${version} as ${namespace}/${name}${again}`,
        detail,
      },
    ]
  }
  const { deployed, newest, madeBy } = state
  const values = valueChanges(deployed.values, wanted.values)
  const chart = chartChange(wanted, deployed, madeBy)
  const changes: Change[] = [
    ...(chart === null ? [] : [{ effect: 'update', target: target('chart'), summary: chart, detail: digest } as const]),
    ...values.slice(0, mostValues).map(
      (change): Change => ({
        effect: 'update',
        target: target(`values/${change.path}`),
        summary: `set ${toldChange(change, wanted.secretPaths)}`,
        // What of it may be secret, only whoever has named it knows.
        detail: keyedHash(hashKey, canonicalJson(change.to)),
      }),
    ),
  ]
  const rest = values.slice(mostValues)
  if (rest.length > 0)
    changes.push({
      effect: 'update',
      target: target('values'),
      summary: `set ${rest.length} more values: ${rest.map(({ path }) => path).join(', ')}`,
      detail: keyedHash(hashKey, canonicalJson(rest.map(({ path, to }) => [path, to ?? null]))),
    })
  if (changes.length > 0 || newest.revision === deployed.revision) return changes
  return [
    {
      effect: 'update',
      target: target('chart'),
      summary: `make ${version} whole again: ${brokenOff(newest)}`,
      detail: digest,
    },
  ]
}

function brokenOff({ status, description }: Release): string {
  if (status === 'failed') return `its last step has failed (${description})`
  return status === 'uninstalling' ? 'its removal was broken off' : 'its last step was broken off'
}

function chartChange({ facts, digest }: WantedChart, { chart }: Release, madeBy: string): string | null {
  if (chart.name !== facts.name) return `another chart: ${chart.name} ${chart.version} → ${facts.name} ${facts.version}`
  if (chart.version !== facts.version) return `${facts.name}: ${chart.version} → ${facts.version}`
  // Who made that revision is not known to have used this very file.
  return madeBy === revisionMark(digest) ? null : `${facts.name} ${facts.version}: from this file of it`
}
