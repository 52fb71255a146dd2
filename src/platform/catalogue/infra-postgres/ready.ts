import { type LooseObject, partOf } from '../../../kubernetes/looseObject.ts'
import { ofSecret, ofOne } from '../../conditions.ts'
import type { ObjectsComponent } from '../../contract.ts'
import { instances, loginSecretName, postgresClusters, withAdministrator } from './objects.ts'
import type { settings } from './schema.ts'

export const ready: ObjectsComponent<typeof settings>['ready'] = ({ name, replicas, users }, { namespace }) => [
  ofOne(postgresClusters, { namespace, name }, object => missing(object, replicas)),
  ...withAdministrator(users).map(user => {
    const keys = ['user', 'password', 'host', 'port']
    const hasDatabases = (user.databases ?? []).length > 0
    return ofSecret({ namespace, name: loginSecretName(name, user.name) }, hasDatabases ? [...keys, 'dbname'] : keys)
  }),
]

/**
 * PGO fills the instances from what it saw before it acted, and says so of the generation that it has acted on: only a
 * count that is the wanted one tells something.
 */
function missing(object: LooseObject, replicas: number): string | null {
  const { generation = 1 } = object.metadata
  const observed = partOf(object, 'status', 'observedGeneration')
  if (typeof observed !== 'number' || observed < generation) return 'PGO has not seen it yet'
  const sets = partOf(object, 'status', 'instances')
  const set = Array.isArray(sets) ? sets.find(one => partOf(one, 'name') === instances) : undefined
  const count = (key: string) => {
    const value = partOf(set, key)
    return typeof value === 'number' ? value : 0
  }
  const [there, readyNow, updated] = [count('replicas'), count('readyReplicas'), count('updatedReplicas')]
  if (there === replicas && readyNow === replicas && updated === replicas) return waitsForRestart(object)
  return `${readyNow} of ${replicas} instances are ready${updated < there ? `, ${updated} of ${there} are updated` : ''}`
}

function waitsForRestart(object: LooseObject): string | null {
  const conditions = partOf(object, 'status', 'conditions')
  const paused = Array.isArray(conditions)
    ? conditions.find(one => partOf(one, 'type') === 'Progressing' && partOf(one, 'status') === 'False')
    : undefined
  return paused === undefined
    ? null
    : `PGO does nothing for it: ${String(partOf(paused, 'reason') ?? 'no reason given')}`
}
