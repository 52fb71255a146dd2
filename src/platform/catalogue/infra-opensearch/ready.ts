import { type LooseObject, looseResource, partOf } from '../../../kubernetes/looseObject.ts'
import { workloads } from '../../../kubernetes/workloads.ts'
import { ofOne } from '../../conditions.ts'
import type { ObjectsComponent } from '../../contract.ts'
import { openSearchClusters, pool } from './objects.ts'
import type { settings } from './schema.ts'

export const ready: ObjectsComponent<typeof settings>['ready'] = (
  { name, replicas, opensearch_version },
  { namespace },
) => [
  ofOne(openSearchClusters, { namespace, name }, object => missing(object, replicas, opensearch_version)),
  // Its own status says nothing of which change it is about.
  ofOne(looseResource(workloads.StatefulSet), { namespace, name: `${name}-${pool}` }, object =>
    missingOfNodes(object, replicas),
  ),
]

function missing(object: LooseObject, replicas: number, version: string): string | null {
  const status = (key: string) => partOf(object, 'status', key)
  const phase = status('phase')
  if (phase !== 'RUNNING')
    return typeof phase === 'string' ? `it is ${phase}` : 'its operator has said nothing of it yet'
  const nodes = status('availableNodes')
  if (typeof nodes !== 'number' || nodes < replicas) return `${Number(nodes ?? 0)} of ${replicas} nodes are available`
  // One node has nowhere to put replicas of its data.
  const health = status('health')
  const isHealthy = health === 'green' || (health === 'yellow' && replicas === 1)
  if (!isHealthy) return `its health is ${typeof health === 'string' ? health : 'unknown'}`
  const runs = status('version')
  return runs === version
    ? null
    : `it runs ${typeof runs === 'string' ? runs : 'an unknown version'}, not ${version} yet`
}

function missingOfNodes(object: LooseObject, replicas: number): string | null {
  const { generation = 1 } = object.metadata
  const number = (...path: readonly string[]) => {
    const value = partOf(object, ...path)
    return typeof value === 'number' ? value : 0
  }
  if (number('status', 'observedGeneration') < generation) return 'its controller has not seen it yet'
  if (number('spec', 'replicas') !== replicas)
    return `it is to have ${number('spec', 'replicas')} nodes, not ${replicas} yet`
  const readyNow = number('status', 'readyReplicas')
  return readyNow < replicas ? `${readyNow} of ${replicas} nodes are ready` : null
}
