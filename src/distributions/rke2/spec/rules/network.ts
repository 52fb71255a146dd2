import { type Family, familyOf, parseRanges, type Range } from '../../../../domain/addresses.ts'
import { addressesOf } from '../../../../domain/cluster.ts'
import type { ClusterDraft } from './draft.ts'

/** RKE2's own ranges where none are given: of the family of the first server's first address. */
const defaults: Readonly<Record<Family, { pods: string; services: string }>> = {
  4: { pods: '10.42.0.0/16', services: '10.43.0.0/16' },
  6: { pods: 'fd00:42::/56', services: 'fd00:43::/112' },
}

/** IPv4 where no first server tells. */
export const presetRanges = (nodes: ClusterDraft['nodes']): { readonly pods: string; readonly services: string } => {
  const [first] = addressesOf(nodes.find(node => node.role === 'initial_master')?.internal_ip)
  return defaults[familyOf(first ?? '')]
}

export interface Network {
  readonly pods: readonly Range[]
  readonly services: readonly Range[]
  /** The key in the file, or null where RKE2's default counts. */
  readonly given: { readonly pods: string | null; readonly services: string | null }
}

/** The ranges of a cluster; null where they can't be told, because something that decides them is missing or wrong. */
export function networkOf({ cluster_vars, nodes }: ClusterDraft): Network | null {
  if (cluster_vars === null) return null
  const pods = cluster_vars?.['cluster-cidr']
  const services = cluster_vars?.['service-cidr']
  const [first] = addressesOf(nodes.find(node => node.role === 'initial_master')?.internal_ip)
  if (first === undefined && (pods === undefined || services === undefined)) return null
  const preset = presetRanges(nodes)
  return {
    pods: parseRanges(pods ?? preset.pods),
    services: parseRanges(services ?? preset.services),
    given: {
      pods: pods === undefined ? null : 'cluster-cidr',
      services: services === undefined ? null : 'service-cidr',
    },
  }
}

export const familiesOf = (ranges: readonly Range[]): Family[] => [...new Set(ranges.map(range => range.family))]

export const writtenFamilies = (families: readonly Family[]): string =>
  families.map(family => `IPv${family}`).join(' and ') || 'none'

/** A range as a message names it. */
export const named = ({ written }: Range, given: string | null, what: string): string =>
  given === null ? `${written} (RKE2’s default for ${what})` : `${given} ${written}`
