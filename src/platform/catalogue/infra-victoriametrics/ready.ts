import { type LooseObject, partOf } from '../../../kubernetes/looseObject.ts'
import { ofOne, ofPods } from '../../conditions.ts'
import type { ObjectsComponent } from '../../contract.ts'
import { vmClusters } from './objects.ts'
import type { settings } from './schema.ts'

const parts = ['vmstorage', 'vmselect', 'vminsert']

export const ready: ObjectsComponent<typeof settings>['ready'] = ({ name, replicas }, { namespace }) => [
  ofOne(vmClusters, { namespace, name }, missing),
  ...parts.map(part => {
    const labels = {
      'app.kubernetes.io/name': part,
      'app.kubernetes.io/instance': name,
      'managed-by': 'vm-operator',
    }
    return ofPods(namespace, labels, replicas, `${part} of ${namespace}/${name}`)
  }),
]

function missing(object: LooseObject): string | null {
  const { generation = 1 } = object.metadata
  const observed = partOf(object, 'status', 'observedGeneration')
  if (typeof observed === 'number' && observed < generation) return 'its operator has not seen it yet'
  // The name of before 0.50.
  const status = partOf(object, 'status', 'updateStatus') ?? partOf(object, 'status', 'clusterStatus')
  if (status === 'operational') return null
  const reason = partOf(object, 'status', 'reason')
  const because = typeof reason === 'string' && reason !== '' ? `: ${reason}` : ''
  return typeof status === 'string' ? `it is ${status}${because}` : 'its operator has said nothing of it yet'
}
