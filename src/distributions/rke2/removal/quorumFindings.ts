import { type QuorumSum, removalOf, votersOf } from '../../../domain/quorum.ts'
import type { Unmet } from '../../../engine/contract/stage.ts'
import type { NodeArguments } from '../arguments.ts'
import type { EtcdFacts } from '../../etcdFacts.ts'
import { memberOf } from '../membership.ts'
import { refuse } from '../refusal.ts'

/** The guard of a server's removal (C17), over the members of etcd as they are now. There is no word that accepts it. */
export function removalQuorumFindings(node: NodeArguments, etcd: Pick<EtcdFacts, 'members'> | null): Unmet[] {
  if (etcd === null)
    return [
      refuse(
        node,
        'quorum-unknown',
        'no server that stays answers for the cluster, so nobody can say what its removal would cost',
        'Bring the API of a server that stays back first.',
      ),
    ]
  const { now, after, refused } = removalOf(votersOf(etcd.members), memberOf(etcd, node)?.id ?? '')
  switch (refused) {
    case null:
      return []
    case 'last':
      return [
        refuse(
          node,
          'last-server',
          'it is the last server, and holds all data of the cluster',
          'Add another server first.',
        ),
      ]
    case 'no-majority-now':
      return [
        refuse(
          node,
          'quorum-at-risk',
          `etcd has no majority, and agrees to no removal: ${told(now)}`,
          'Bring back the other servers first; where they are lost, restore a snapshot with RKE2’s own --cluster-reset.',
        ),
      ]
    case 'no-majority-after':
      return [
        refuse(
          node,
          'quorum-at-risk',
          `its removal would lose the majority of etcd: ${told(now)}; after it ${told(after)}`,
          'Bring the other servers back first, or remove the dead one.',
        ),
      ]
  }
}

/** `5 voters, 5 healthy; after removing m2: 4 voters, needs 3`; empty where it votes no more. */
export function removalSum({ hostname }: NodeArguments, { members }: Pick<EtcdFacts, 'members'>, id: string): string {
  const { now, after } = removalOf(votersOf(members), id)
  return `${now.voters} voters, ${now.healthy} healthy; after removing ${hostname}: ${after.voters} voters, ${after.healthy} healthy, needs ${after.needed}`
}

const told = ({ voters, healthy, needed }: QuorumSum): string =>
  `${healthy} of ${voters} voters are healthy, ${needed} are needed`
