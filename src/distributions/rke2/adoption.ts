import { hostList } from '../../domain/hostList.ts'
import type { StageRequest } from '../../engine/contract/stage.ts'
import type { Pipeline } from '../contract.ts'
import { type NodeArguments, nodeOf } from './arguments.ts'
import { argumentsFor, type DesiredCluster } from './desiredCluster.ts'
import { agentsAtATime, batches } from './nodeBatches.ts'
import { stages } from './stages/index.ts'
import { batchName } from './stages/kinds.ts'

/** The machines of a cluster that others have made are marked as its own, so that nobody else takes them. */
export function adoptionStages(wanted: DesiredCluster): StageRequest[] {
  const nodes = wanted.spec.nodes.map(nodeOf)
  const servers = nodes.filter(({ role }) => role !== 'worker')
  const agents = nodes.filter(({ role }) => role === 'worker')
  const given = argumentsFor(wanted, servers)
  const adopted = (batch: readonly NodeArguments[], of?: string) =>
    stages.adopt.request({
      ...(of !== undefined && { of }),
      title: `Take over ${hostList(batch.map(({ hostname }) => hostname))}`,
      needs: [],
      arguments: given(batch),
    })
  return [adopted(servers), ...batches(agents, agentsAtATime).map(batch => adopted(batch, batchName(batch)))]
}

/** Without a login nobody can say what the machines are like: there is one thing to do before anything else. */
export function unknownMachines(wanted: DesiredCluster): Pipeline {
  const servers = wanted.spec.nodes.map(nodeOf).filter(({ role }) => role !== 'worker')
  const request = stages.adopt.request({
    title: 'Take over the machines',
    needs: [],
    arguments: argumentsFor(wanted, servers)(servers),
    disabled: 'nobody has logged in to a server yet',
  })
  const address = servers[0]?.internal_ip.split(',')[0] ?? 'HOST'
  return {
    stages: [request],
    findings: [
      {
        name: 'machines-not-known',
        severity: 'error',
        about: 'cluster',
        message:
          'it was discovered over its API alone: its tokens, who it is and how its machines are configured are not known',
        remedy: `Let one of its servers tell: slipway discover ${wanted.name} --ssh root@${address}.`,
      },
    ],
  }
}
