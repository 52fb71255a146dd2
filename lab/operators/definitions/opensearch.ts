import { count, define, fields, flag, listOf, resources, text } from './schema.ts'

const group = 'opensearch.opster.io'
const versions = ['v1']

const reference = fields({ name: text })
const pool = fields(
  {
    component: text,
    replicas: count(),
    diskSize: text,
    roles: listOf(text),
    resources,
    persistence: fields({ pvc: fields({ storageClass: text, accessModes: listOf(text) }), emptyDir: fields() }),
  },
  ['component', 'replicas', 'roles'],
)
const general = fields(
  {
    serviceName: text,
    version: text,
    httpPort: count({ default: 9200 }),
    vendor: { type: 'string', enum: ['Opensearch', 'Op', 'OP', 'os', 'opensearch'] },
    image: text,
    imagePullSecrets: listOf(reference),
  },
  ['serviceName'],
)

export const openSearchDefinitions = [
  define({
    group,
    versions,
    kind: 'OpenSearchCluster',
    shortNames: ['os', 'opensearch'],
    columns: {
      health: '.status.health',
      nodes: '.status.availableNodes',
      version: '.status.version',
      phase: '.status.phase',
    },
    spec: fields(
      {
        general,
        initHelper: fields({ image: text, imagePullSecrets: listOf(reference) }),
        nodePools: listOf(pool),
        dashboards: fields({ enable: flag, version: text, replicas: count({ default: 1 }), image: text }),
        security: fields({ config: fields({ adminCredentialsSecret: reference }), tls: fields() }),
      },
      ['nodePools'],
    ),
    status: fields(
      {
        phase: text,
        health: text,
        availableNodes: count(),
        version: text,
        initialized: flag,
        componentsStatus: listOf(fields({ component: text, status: text, description: text })),
      },
      ['componentsStatus'],
    ),
  }),
  ...['OpensearchUser', 'OpensearchRole', 'OpensearchTenant', 'OpensearchUserRoleBinding'].map(kind =>
    define({
      group,
      versions,
      kind,
      shortNames: [kind.toLowerCase()],
      spec: fields({ opensearchCluster: reference }, ['opensearchCluster']),
      status: fields({ state: text, reason: text }),
    }),
  ),
]
