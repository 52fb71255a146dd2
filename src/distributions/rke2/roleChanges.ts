import type { Finding } from '../../domain/errors.ts'
import { type RecordedCluster, wasMember } from '../../domain/recordedCluster.ts'
import { type NodeArguments } from './arguments.ts'
import { unitOf } from './nodeState.ts'

/** A server can't become an agent, nor the other way round, without leaving the cluster first. */

/** What is said of a node of which its machine, or the record, knows that it is set up as the other one. */
export const otherRole = (
  cluster: string,
  { hostname, role }: Pick<NodeArguments, 'hostname' | 'role'>,
  other: ReturnType<typeof unitOf>,
): Finding => ({
  name: 'role-differs',
  severity: 'error',
  about: `node ${hostname}`,
  message: `it is set up as ${other}, the file says ${role}`,
  remedy: `Set the role back: apply turns no server into an agent, nor the other way round. To change it, let the node leave (slipway scale remove ${cluster} ${hostname}), and bring it in again with its new role.`,
})

/** Members that a file gives the other role: also those whose machines cannot tell, since nothing is left on them or nobody reaches them. */
export const roleChangeFindings = (
  cluster: string,
  nodes: readonly Pick<NodeArguments, 'hostname' | 'role'>[],
  recorded: Pick<RecordedCluster, 'nodes'>,
): Finding[] =>
  nodes.flatMap(node => {
    const known = recorded.nodes.find(({ hostname }) => hostname === node.hostname)
    return known && wasMember(known) && unitOf(known) !== unitOf(node) ? [otherRole(cluster, node, unitOf(known))] : []
  })
