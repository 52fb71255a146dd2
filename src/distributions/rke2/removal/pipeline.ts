import { drainStage } from '../../../clusters/drain/drain.ts'
import type { Removal } from '../../../contract/operations.ts'
import { acceptedAbsences, acceptedKeys, acceptedToStay } from '../../../domain/acceptance.ts'
import { type RecordedCluster, type RecordedNode, wasMember } from '../../../domain/recordedCluster.ts'
import { hostList } from '../../../domain/hostList.ts'
import type { Need, StageRequest } from '../../../engine/contract/stage.ts'
import { type NodeArguments, nodeArguments, nodeOf, stageArguments } from '../arguments.ts'
import { argumentsFor, type DesiredCluster } from '../desiredCluster.ts'
import { stages } from '../stages/index.ts'

/** Nodes out of the cluster, one after the other, each drained first. */
export interface RemovalPipeline {
  /**
   * Servers that are lost, as was accepted: etcd takes no new member while one does not answer, so they leave before
   * anybody joins. And those that join anew.
   */
  readonly first: readonly StageRequest[]
  /**
   * All others: they leave after whatever else was applied, so that those that are to take the pods are there.
   * @param before the stages of all that stays
   */
  others(before: readonly StageRequest[]): StageRequest[]
}

export function removalPipeline(
  wanted: DesiredCluster,
  { nodes, returning, destroy_machines: _machines, ...eviction }: Removal,
  recorded: RecordedCluster,
): RemovalPipeline {
  const leaving = [...new Set(nodes)].flatMap(name => recorded.nodes.find(({ hostname }) => hostname === name) ?? [])
  const nodesOf = (wish: RecordedNode['role']) => wanted.spec.nodes.filter(({ role }) => role === wish).map(nodeOf)
  // As everywhere: the order in which a file names them makes no other plan.
  const servers = [...nodesOf('initial_master'), ...nodesOf('master')]
  const given = argumentsFor(wanted, servers)
  // Another key is another machine, or one that was installed anew: what it held is lost as well. So it is on one that is
  // somebody else's by now.
  const away = [acceptedAbsences, acceptedKeys, acceptedToStay].map(namedIn => namedIn(wanted.accepted))
  const returns = ({ hostname }: RecordedNode) => returning.includes(hostname)
  const isLost = (node: RecordedNode) => returns(node) || away.some(names => names.has(node.hostname))
  const leavesFirst = (node: RecordedNode) => (node.role !== 'worker' && isLost(node)) || returns(node)
  const others = leaving.filter(node => !leavesFirst(node))
  const members = new Set(recorded.nodes.flatMap(node => (wasMember(node) ? [node.hostname] : [])))
  const first = servers.find(({ role }) => role === 'initial_master')
  const handedOver = first ? `, in which ${first.hostname} is the first server from now on` : ''
  const serverLeaves = others.some(({ role }) => role !== 'worker')
  /** Who is replaced stays until who replaces it is there; and servers leave only where the others are as they should be. */
  const hasToSucceed = ({ hostname, role }: NodeArguments): boolean =>
    !members.has(hostname) || (serverLeaves && role !== 'worker')
  const needOf = ({ key, arguments: of }: StageRequest): Need =>
    stageArguments.safeParse(of).data?.nodes.some(hasToSucceed) ? { stage: key } : { stage: key, until: 'settled' }
  const lost = chain(leaving.filter(leavesFirst), [])
  return {
    first: [...lost, ...givingUp(others, lost)],
    others: before => chain(others, before.map(needOf)),
  }

  /** While those that leave still serve, and before the others forget them: nobody would hold the VIP, or two would. */
  function givingUp(these: readonly RecordedNode[], before: readonly StageRequest[]): StageRequest[] {
    const holding = these.filter(({ role }) => role !== 'worker')
    if (!wanted.spec.vip || !recorded.formed || holding.length === 0) return []
    const names = hostList(holding.map(({ hostname }) => hostname))
    return [
      stages.giveUpVip.request({
        of: 'leaving',
        title: `Take the VIP off ${names}`,
        needs: before.slice(-1).map(({ key }) => ({ stage: key })),
        arguments: given(
          holding.map(({ hostname, role, internal_ip }) => nodeArguments.parse({ hostname, role, internal_ip })),
        ),
      }),
    ]
  }

  function chain(these: readonly RecordedNode[], start: readonly Need[]): StageRequest[] {
    const made: StageRequest[] = []
    let needs: readonly Need[] = start
    for (const node of these) {
      const { hostname, role, internal_ip } = node
      const own = given([nodeArguments.parse({ hostname, role, internal_ip })])
      if (!recorded.formed) {
        // There is no cluster yet that could know it.
        const cleaned = stages.uninstall.request({
          of: hostname,
          title: `Uninstall ${hostname}`,
          needs,
          arguments: { ...own, keep_snapshots: false, leaves: true },
        })
        made.push(cleaned)
        needs = [{ stage: cleaned.key }]
        continue
      }
      const drained = drainStage.request({
        of: hostname,
        title: `Drain ${hostname}`,
        needs,
        arguments: {
          cluster: wanted.name,
          node: hostname,
          leaves: true,
          may_be_lost: isLost(node),
          ...eviction,
        },
      })
      const kind = role === 'worker' ? stages.leave : stages.leaveServer
      const left = kind.request({
        of: hostname,
        title: `Take ${hostname} out of the cluster${role === 'initial_master' ? handedOver : ''}`,
        needs: [{ stage: drained.key }],
        arguments: {
          ...own,
          ...(returns(node) && { returns: true }),
        },
      })
      made.push(drained, left)
      needs = [{ stage: left.key }]
    }
    return made
  }
}
