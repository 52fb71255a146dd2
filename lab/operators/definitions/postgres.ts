import {
  claim,
  conditions,
  count,
  define,
  fields,
  flag,
  generation,
  keyedBy,
  listOf,
  resources,
  text,
} from './schema.ts'

const group = 'postgres-operator.crunchydata.com'
const labels = { 'app.kubernetes.io/version': '6.0.3' }
const name = { type: 'string', pattern: '^[a-z0-9]([-a-z0-9]*[a-z0-9])?$' }
const database = { type: 'string', minLength: 1, maxLength: 63 }

const volume = {
  ...claim,
  required: ['accessModes', 'resources'],
  'x-kubernetes-validations': [
    { rule: '0 < size(self.accessModes)', message: 'missing accessModes' },
    {
      rule: 'has(self.resources.requests) && "storage" in self.resources.requests',
      message: 'missing storage request',
    },
  ],
}
const instance = fields(
  {
    name: { type: 'string', default: '', pattern: '^([a-z0-9]([-a-z0-9]*[a-z0-9])?)?$' },
    replicas: count({ minimum: 1, default: 1 }),
    dataVolumeClaimSpec: volume,
    resources,
  },
  ['dataVolumeClaimSpec'],
)
const user = fields({ name, databases: listOf(database), options: { type: 'string', maxLength: 200 } }, ['name'])
const repository = fields(
  { name: { type: 'string', pattern: '^repo[1-4]' }, volume: fields({ volumeClaimSpec: volume }, ['volumeClaimSpec']) },
  ['name'],
)
const counts = fields({ name: text, replicas: count(), readyReplicas: count(), updatedReplicas: count() }, ['name'])
const observed = { conditions, observedGeneration: generation }

export const postgresDefinitions = [
  define({
    group,
    labels,
    kind: 'PostgresCluster',
    versions: ['v1', 'v1beta1'],
    spec: fields(
      {
        postgresVersion: count({ minimum: 11, maximum: 18 }),
        image: text,
        imagePullSecrets: listOf(fields({ name: text })),
        port: count({ minimum: 1024, default: 5432 }),
        paused: flag,
        shutdown: flag,
        // Rules of items are counted, so there is a bound.
        instances: keyedBy('name', instance, { minItems: 1, maxItems: 16 }),
        users: keyedBy('name', user, { maxItems: 64 }),
        backups: fields({ pgbackrest: fields({ repos: keyedBy('name', repository, { maxItems: 4 }) }) }),
      },
      ['instances', 'postgresVersion'],
    ),
    status: fields({
      ...observed,
      instances: keyedBy('name', counts),
      databaseRevision: text,
      usersRevision: text,
    }),
  }),
  define({
    group,
    labels,
    kind: 'PGUpgrade',
    versions: ['v1beta1'],
    spec: fields({ postgresClusterName: text, fromPostgresVersion: count(), toPostgresVersion: count() }, [
      'postgresClusterName',
    ]),
    status: fields(observed),
  }),
  define({
    group,
    labels,
    kind: 'PGAdmin',
    versions: ['v1beta1'],
    spec: fields({ dataVolumeClaimSpec: volume }, ['dataVolumeClaimSpec']),
    status: fields(observed),
  }),
]
