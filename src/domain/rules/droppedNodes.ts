import type { Finding } from '../errors.ts'
import { type RecordedCluster, wasMember } from '../recordedCluster.ts'

/**
 * Nothing may drop out of sight while it runs on: nodes on which something was begun and that a file does not name.
 * @param leaving those that are taken out of the cluster
 */
export function droppedNodeFindings(
  desired: { readonly nodes: readonly { readonly hostname: string }[] },
  recorded: Pick<RecordedCluster, 'nodes'>,
  leaving: readonly string[] = [],
): Finding[] {
  const named = new Set([...desired.nodes.map(({ hostname }) => hostname), ...leaving])
  return recorded.nodes.flatMap(node =>
    named.has(node.hostname) || node.status === 'pending' ? [] : [notNamed(node.hostname, wasMember(node))],
  )
}

const notNamed = (hostname: string, member: boolean): Finding =>
  member
    ? {
        name: 'member-not-named',
        severity: 'error',
        about: `node ${hostname}`,
        message: 'it is a member of the cluster, and the file no longer names it',
        remedy: `Put it back into the file, or take it out of the cluster: --remove ${hostname}.`,
      }
    : {
        name: 'unfinished-not-named',
        severity: 'warning',
        about: `node ${hostname}`,
        message: 'its installation was begun and never finished, and the file no longer names it',
        remedy: `If it will not come back: accept it, and it is taken off the record; should the cluster know it already, then also kubectl delete node ${hostname}. Otherwise put it back into the file.`,
      }
