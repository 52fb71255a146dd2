import { drainStage } from '../../../clusters/drain/drain.ts'
import type { Removal } from '../../../contract/operations.ts'
import { acceptedAbsences } from '../../../domain/acceptance.ts'
import type { Finding } from '../../../domain/errors.ts'
import type { RecordedCluster, RecordedNode } from '../../../domain/recordedCluster.ts'
import type { Need, StageRequest } from '../../../engine/contract/stage.ts'
import type { Pipeline } from '../../contract.ts'
import { nodeArguments, nodeOf } from '../arguments.ts'
import { argumentsFor, type DesiredCluster } from '../desiredCluster.ts'
import { stages } from '../stages/index.ts'

/**
 * Nodes out of the cluster, one after the other, each drained first: its pods have found their places before the next
 * one is begun. It comes after whatever else is applied, so that those that are to take the pods are there.
 * @param before the stages of all that stays
 */
export function removalPipeline(
  wanted: DesiredCluster,
  { nodes, ...eviction }: Removal,
  recorded: RecordedCluster,
  before: readonly StageRequest[],
): Pipeline {
  const leaving = [...new Set(nodes)].flatMap(name => recorded.nodes.find(({ hostname }) => hostname === name) ?? [])
  const servers = wanted.spec.nodes.map(nodeOf).filter(({ role }) => role !== 'worker')
  const given = argumentsFor(wanted, servers)
  const absences = acceptedAbsences(wanted.accepted)
  const made: StageRequest[] = []
  let needs: Need[] = before.map(({ key }) => ({ stage: key, until: 'settled' }))
  for (const { hostname, role, internal_ip } of leaving.filter(mayLeave)) {
    const own = given([nodeArguments.parse({ hostname, role, internal_ip })])
    if (!recorded.formed) {
      // There is no cluster yet that could know it.
      const cleaned = stages.uninstall.request({
        of: hostname,
        title: `Uninstall ${hostname}`,
        needs,
        arguments: { ...own, keep_snapshots: false },
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
        may_be_lost: absences.has(hostname),
        ...eviction,
      },
    })
    const kind = role === 'worker' ? stages.leave : stages.leaveServer
    const left = kind.request({
      of: hostname,
      title: `Take ${hostname} out of the cluster`,
      needs: [{ stage: drained.key }],
      arguments: own,
    })
    made.push(drained, left)
    needs = [{ stage: left.key }]
  }
  return { stages: made, findings: leaving.flatMap(firstServerFindings) }
}

const mayLeave = ({ role }: Pick<RecordedNode, 'role'>): boolean => role !== 'initial_master'

function firstServerFindings(node: RecordedNode): Finding[] {
  if (mayLeave(node)) return []
  return [
    {
      name: 'first-server-stays',
      severity: 'error',
      about: `node ${node.hostname}`,
      message: 'it is the first server, which this version does not replace',
      remedy: 'Put it back into the file.',
    },
  ]
}
