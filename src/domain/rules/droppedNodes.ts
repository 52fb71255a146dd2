import type { Finding } from '../errors.ts'
import { type RecordedCluster, wasMember } from '../recordedCluster.ts'

/**
 * Nothing may drop out of sight while it runs on: nodes on record that a file does not name. One that is only pending may
 * have been prepared all the same.
 * @param leaving those that are taken out of the cluster
 */
export function droppedNodeFindings(
  desired: { readonly nodes: readonly { readonly hostname: string }[] },
  recorded: Pick<RecordedCluster, 'nodes'>,
  leaving: readonly string[] = [],
): Finding[] {
  const named = new Set([...desired.nodes.map(({ hostname }) => hostname), ...leaving])
  return recorded.nodes.flatMap(node => (named.has(node.hostname) ? [] : [notNamed(node.hostname, wasMember(node))]))
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
        message:
          'it never became a member, something may have been brought to its machine, and the file no longer names it',
        remedy: `Let it be cleaned and taken off the record: --remove ${hostname}. Or put it back into the file. Where its machine is not to be touched, accept it, and it goes off the record as it is.`,
      }
