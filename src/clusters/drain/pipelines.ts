import type { DrainRequest, UncordonRequest } from '../../contract/operations.ts'
import type { Finding } from '../../domain/errors.ts'
import type { RecordedCluster } from '../../domain/recordedCluster.ts'
import { namedNodeFindings, noRoomFindings } from '../../domain/rules/namedNodes.ts'
import type { StageRequest } from '../../engine/contract/stage.ts'
import { drainStage } from './drain.ts'
import { uncordonStage } from './uncordon.ts'

interface NodesPipeline {
  readonly stages: readonly StageRequest[]
  readonly findings: readonly Finding[]
}

/** The nodes one after the other, so that the pods of one have found their places before the next one is begun. */
export function drainPipeline(
  cluster: string,
  { nodes, delete_emptydir_data, delete_unmanaged, timeout_s }: DrainRequest,
  recorded: RecordedCluster,
): NodesPipeline {
  const stages = [...new Set(nodes)].reduce<StageRequest[]>((made, node) => {
    const before = made.at(-1)
    const request = drainStage.request({
      of: node,
      title: `Drain ${node}`,
      needs: before ? [{ stage: before.key }] : [],
      arguments: { cluster, node, delete_emptydir_data, delete_unmanaged, timeout_s },
    })
    return [...made, request]
  }, [])
  return { stages, findings: [...namedNodeFindings(nodes, recorded), ...noRoomFindings(nodes, recorded)] }
}

export function uncordonPipeline(
  cluster: string,
  { nodes }: UncordonRequest,
  recorded: RecordedCluster,
): NodesPipeline {
  return {
    stages: [...new Set(nodes)].map(node =>
      uncordonStage.request({ of: node, title: `Uncordon ${node}`, needs: [], arguments: { cluster, node } }),
    ),
    findings: namedNodeFindings(nodes, recorded),
  }
}
