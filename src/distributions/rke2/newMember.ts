import { acceptanceOfAbsence } from '../../domain/acceptance.ts'
import { hostList } from '../../domain/hostList.ts'
import { stageKey } from '../../engine/contract/defineStage.ts'
import type { Unmet } from '../../engine/contract/stage.ts'
import type { StageArguments } from './arguments.ts'
import { memberOf, nodeOfMember } from './membership.ts'
import { reached } from './observedHost.ts'
import type { ObservedCluster } from './observeCluster.ts'
import { refuse } from './refusal.ts'
import { kinds } from './stages/kinds.ts'

/**
 * etcd takes no new member while one that votes is away: the start of the new one would fail until its time is over. Where
 * that one is lost and leaves before, its leaving brings what is missing.
 */
export function newMemberFindings(
  { nodes, etcd }: Pick<ObservedCluster, 'nodes' | 'etcd'>,
  { cluster }: Pick<StageArguments, 'cluster'>,
): Unmet[] {
  const [host] = reached(nodes)
  if (!host || !etcd || host.facts.data.etcd_member || memberOf(etcd, host.node)) return []
  const away = etcd.members.flatMap(({ healthy, learner, name }) => (healthy || learner ? [] : [nodeOfMember(name)]))
  const [lost] = away
  if (lost === undefined) return []
  const names = hostList(away)
  const words = away.map(name => `${name} --accept ${acceptanceOfAbsence(name)}`).join(' ')
  const found = refuse(
    host.node,
    'member-away',
    `etcd takes no new member while ${names} does not answer`,
    `Start rke2-server on ${names}; or, where it is lost, let it leave first: slipway scale remove ${cluster.name} ${words}.`,
  )
  return [{ ...found, providedBy: stageKey(kinds.leaveServer, lost) }]
}
