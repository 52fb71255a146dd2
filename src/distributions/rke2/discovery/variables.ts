import { canonicalAddress } from '../../../domain/addresses.ts'
import { addressesOf, isServer } from '../../../domain/cluster.ts'
import type { ConfigValue } from '../files/configEntries.ts'
import { isServerKey } from '../files/serverKeys.ts'
import { type ClusterVars, clusterOnlyKeys, clusterVars, type NodeVars, nodeVars } from '../spec/config.ts'
import { ownKeys } from '../spec/ownKeys.ts'
import type { Rke2Node } from '../spec/spec.ts'
import { itemsOf, type Settings, textsOf } from './settings.ts'

/** A machine whose configuration was read. */
export interface ReadMachine {
  readonly node: Rke2Node
  readonly settings: Settings
}

/** What configurations say, as a cluster file says it. */
export interface Variables {
  readonly cluster: ClusterVars
  readonly nodes: ReadonlyMap<string, NodeVars>
  /** Keys that no cluster file can say, by hostname. */
  readonly unspoken: ReadonlyMap<string, readonly string[]>
}

/** Of these each machine has its own, however alike they are. */
const ofOneMachine = /^(node-|bind-address$|advertise-address$)/
/** Of the keys that Slipway sets itself: what they say stands elsewhere in a cluster file. */
const saidElsewhere: ReadonlySet<string> = new Set(
  'server token token-file agent-token agent-token-file node-name node-ip node-external-ip'.split(' '),
)

/**
 * What all machines that take a key say alike belongs to the cluster, the rest to each of them. Pure.
 * @param endpoint the address that all join at; a name of every server's certificate anyhow.
 */
export function variablesOf(machines: readonly ReadMachine[], endpoint: string | null): Variables {
  const spoken = machines.map(({ node, settings }) => ({ node, ...speak(node, settings, endpoint) }))
  const keys = [...new Set(spoken.flatMap(({ values }) => [...values.keys()]))]
  const shared = new Map<string, Spoken>()
  const own = new Map<string, Map<string, Spoken>>(spoken.map(({ node }) => [node.hostname, new Map()]))
  const unspoken = new Map(spoken.map(({ node, refused }) => [node.hostname, [...refused]]))
  for (const key of keys) {
    const takers = spoken.filter(({ node }) => isServer(node) || !isServerKey(key))
    const [first] = takers.flatMap(({ values }) => values.get(key) ?? [])
    if (first === undefined) continue
    const isAlike = takers.every(({ values }) => values.get(key)?.text === first.text)
    if (clusterOnlyKeys.has(key) || (isAlike && !ofOneMachine.test(key))) shared.set(key, first)
    if (isAlike && shared.has(key)) continue
    for (const { node, values } of takers) {
      const value = values.get(key)
      if (clusterOnlyKeys.has(key)) {
        if (value?.text !== first.text) unspoken.get(node.hostname)?.push(key)
      } else if (value) own.get(node.hostname)?.set(key, value)
    }
  }
  return {
    cluster: clusterVars.parse(inForm(shared)),
    nodes: new Map(
      [...own].flatMap(([name, values]) => (values.size > 0 ? [[name, nodeVars.parse(inForm(values))]] : [])),
    ),
    unspoken: new Map([...unspoken].filter(([, found]) => found.length > 0)),
  }
}

export interface Spoken {
  readonly value: ConfigValue
  /** Equal for values that say the same. */
  readonly text: string
  /** Slipway has no rule for the key. */
  readonly extra: boolean
}

/** What a cluster file can say of the settings of one machine, in the form in which it keeps them. Pure. */
export function speak(
  node: Rke2Node,
  settings: Settings,
  endpoint: string | null,
): { readonly values: ReadonlyMap<string, Spoken>; readonly refused: readonly string[] } {
  const values = new Map<string, Spoken>()
  const refused: string[] = []
  for (const [key, written] of settings) {
    if (saidElsewhere.has(key) || (isServerKey(key) && !isServer(node))) continue
    const value = key === 'tls-san' ? furtherNames(node, written, endpoint) : written
    if (key === 'tls-san' && itemsOf(value).length === 0) continue
    const extra = !Object.hasOwn(clusterVars.shape, key)
    const read = clusterVars.safeParse(extra ? { extra: { [key]: value } } : { [key]: value })
    const { extra: others = {}, ...known } = read.data ?? {}
    const inOneForm = extra ? others[key] : Object.values<ConfigValue | undefined>(known)[0]
    if (ownKeys.has(key) || inOneForm === undefined) refused.push(key)
    else values.set(key, { value: inOneForm, text: textsOf(inOneForm).join(','), extra })
  }
  return { values, refused }
}

/** Names in a server's certificate beyond those that each has anyhow. */
function furtherNames(node: Rke2Node, written: ConfigValue, endpoint: string | null): readonly string[] {
  const own = new Set([endpoint, ...addressesOf(node.internal_ip), ...addressesOf(node.external_ip)])
  return textsOf(written).filter(name => !own.has(name) && !own.has(canonicalName(name)))
}

const canonicalName = (name: string): string => (name.includes(':') ? canonicalAddress(name) : name)

function inForm(values: ReadonlyMap<string, Spoken>): Record<string, unknown> {
  const of = (extra: boolean) =>
    Object.fromEntries([...values].flatMap(([key, spoken]) => (spoken.extra === extra ? [[key, spoken.value]] : [])))
  const extra = of(true)
  return { ...of(false), ...(Object.keys(extra).length > 0 && { extra }) }
}
