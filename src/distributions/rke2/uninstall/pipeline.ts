import type { RecordedNode } from '../../../domain/recordedCluster.ts'
import { hostList } from '../../../domain/hostList.ts'
import type { Need, StageRequest } from '../../../engine/contract/stage.ts'
import type { Pipeline, UninstallContext } from '../../contract.ts'
import { type NodeArguments, nodeArguments, nodeOf } from '../arguments.ts'
import { unknownMachines } from '../adoption.ts'
import { argumentsFor } from '../desiredCluster.ts'
import { agentsAtATime, batches } from '../nodeBatches.ts'
import type { Rke2Spec } from '../spec/spec.ts'
import { stages } from '../stages/index.ts'
import { batchName } from '../stages/kinds.ts'

/**
 * All machines of a cluster, until nothing is left of it: the agents first, then the servers, the first one last, so that
 * what was not begun can still be used when the run ends early. Then the cluster goes off the record. Nobody is drained
 * and no majority is kept: there is nobody for whom.
 */
export function uninstallPipeline({
  cluster,
  desired,
  recorded,
  accepted,
  keep_snapshots,
}: UninstallContext<Rke2Spec>): Pipeline {
  if (recorded.registered?.identified === false) return unknownMachines({ name: cluster, spec: desired, accepted })
  const nodes = recorded.nodes.map(node => asArguments(node, desired))
  const workers = nodes.filter(({ role }) => role === 'worker')
  const others = nodes.filter(({ role }) => role === 'master')
  const first = nodes.filter(({ role }) => role === 'initial_master')
  const give = argumentsFor({ name: cluster, spec: desired, accepted }, [...first, ...others])
  const given = (some: readonly NodeArguments[]) => ({ ...give(some), keep_snapshots })
  const made: StageRequest[] = []
  for (const group of [batches(workers, agentsAtATime), batches(others, others.length), batches(first, 1)]) {
    const needs = made.map(after)
    const requests = group.map(batch =>
      stages.uninstall.request({
        of: batchName(batch),
        title: `Uninstall ${hostList(batch.map(({ hostname }) => hostname))}`,
        needs,
        arguments: given(batch),
      }),
    )
    made.push(...requests)
  }
  const forget = stages.forget.request({
    title: `Take ${cluster} off the record`,
    needs: made.map(after),
    arguments: given(nodes),
  })
  return { stages: [...made, forget], findings: [] }
}

const after = ({ key }: StageRequest): Need => ({ stage: key })

/** As it is desired; one that is desired no more as it is on record. */
function asArguments({ hostname, role, internal_ip }: RecordedNode, { nodes }: Rke2Spec): NodeArguments {
  const desired = nodes.find(node => node.hostname === hostname)
  return desired ? { ...nodeOf(desired), role } : nodeArguments.parse({ hostname, role, internal_ip })
}
