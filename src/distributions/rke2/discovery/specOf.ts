import type { FoundState } from '../../contract.ts'
import type { FoundNode } from '../../discovery/foundNodes.ts'
import { recordable } from '../../discovery/recordable.ts'
import { type Rke2Node, type Rke2Spec, rke2Spec } from '../spec/spec.ts'

/**
 * The desired state that is what the API shows, with what is on record of the rest. A node that has not joined yet stays
 * wanted. @throws SlipwayError `nothing-to-record` when a version or an address is of a form that no cluster file may have.
 */
export function specOf({ version, nodes, reached }: FoundState, before: Rke2Spec | null): Rke2Spec {
  const recorded = new Map(before?.nodes.map(node => [node.hostname, node]))
  return recordable(rke2Spec, {
    ...before,
    distribution: 'rke2',
    version,
    ...(reached && { ssh: reached.ssh }),
    nodes: nodes.map(node => nodeOf(node, recorded.get(node.hostname), reached?.outside ?? false)),
  })
}

const nodeOf = (
  { hostname, role, internal_ip, external_ip }: FoundNode,
  before: Rke2Node | undefined,
  outside: boolean,
): Rke2Node => ({
  ...before,
  hostname,
  role,
  internal_ip,
  external_ip: external_ip ?? undefined,
  ...(!before && outside && external_ip !== null && { use_external_ip: true }),
})
