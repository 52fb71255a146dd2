// One direction for every import:
// domain <- contract <- engine <- adapters <- clusters <- distributions <- api <- server <- cli.
const room = name => `^src/${name}/`
const forbid = (name, from, to, comment) => ({
  name,
  severity: 'error',
  comment,
  from: { path: from },
  to: { path: to },
})
const adapters = '^src/(store|hosts|ansible|kubernetes|helm|postgres|processes|secrets)/'
const stages = '^src/(distributions|platform|machines)/'
const doors = '^src/(api|server|cli)/'

export default {
  forbidden: [
    forbid('domain-knows-nothing', room('domain'), '^src/(?!domain/)', 'domain holds words and rules, no I/O'),
    forbid(
      'contract-knows-domain-only',
      room('contract'),
      '^src/(?!contract/|domain/)',
      'what crosses a border of processes says nothing of how it came about',
    ),
    forbid(
      'engine-below-adapters',
      room('engine'),
      '^src/(?!engine/|contract/|domain/)',
      'the engine knows no RKE2, no Kubernetes, no HTTP',
    ),
    ...[
      ['contract', 'plan|run|worker'],
      ['plan', 'run|worker'],
      ['run', 'worker'],
    ].map(([inner, outer]) =>
      forbid(
        'engine-inwards',
        `^src/engine/${inner}/`,
        `^src/engine/(${outer})/`,
        'inside the engine: contract <- plan <- run <- worker',
      ),
    ),
    forbid(
      'adapters-below-stages',
      adapters,
      `${room('clusters')}|${stages}|${doors}`,
      'an adapter is used by stages, never the other way round',
    ),
    forbid(
      'kubernetes-knows-the-api-only',
      room('kubernetes'),
      '^src/(?!kubernetes/|domain/|contract/|processes/|secrets/)',
      'the client of an API knows neither whose cluster it is nor how it came about',
    ),
    forbid(
      'postgres-knows-databases-only',
      room('postgres'),
      '^src/(?!postgres/|domain/|secrets/)',
      'what is done in a database knows neither the way there nor whose it is',
    ),
    {
      name: 'undici-is-loaded-late',
      severity: 'error',
      comment: 'a command that asks no cluster must not wait for it',
      from: {},
      to: { path: '/node_modules/undici/', dynamic: false, dependencyTypesNot: ['type-only'] },
    },
    forbid(
      'clusters-below-distributions',
      room('clusters'),
      `${stages}|${doors}`,
      'what every operation on a cluster has at hand knows no distribution',
    ),
    forbid(
      'distributions-without-store',
      stages,
      '^src/store/|/node_modules/(kysely|pg)/',
      'a distribution is given a session; what is stored, and how, it does not know',
    ),
    forbid('stages-below-doors', `${stages}|${room('clusters')}`, doors, 'a stage does not know who asked for it'),
    forbid('api-below-server', room('api'), room('server'), 'the API is given what it works with'),
    forbid('doors-below-cli', '^src/(api|server)/', room('cli'), 'the command line is the outermost room'),
    forbid(
      'catalogue-without-stages',
      '^src/platform/catalogue/.*index[.]ts$',
      '^src/platform/catalogue/[^/]+/stage[.]ts$',
      'whoever reads cluster files loads the catalogue, and not the way to databases',
    ),
    forbid(
      'children-by-one-door',
      '^src/(?!processes/)(?!.*\\.test\\.ts$)',
      '^(node:)?child_process$|/node_modules/execa/',
      'every child is started in src/processes: with a marker, and with a short environment',
    ),
    forbid(
      'engine-without-io',
      room('engine'),
      '^(node:)?(fs|fs/promises|net|http|child_process|os)$',
      'the engine is given what it reads and writes',
    ),
    {
      name: 'cli-speaks-http',
      severity: 'error',
      comment:
        'commands speak HTTP, and know the form of cluster files; only starting a server in the process reaches further in',
      from: { path: room('cli'), pathNot: '^src/cli/(serve|local|offline)|[.]test[.]ts$' },
      to: {
        path: `^src/(store|hosts|ansible|engine|secrets|clusters|distributions/(?!index)|server|api/(?!access/|application))/?`,
      },
    },
    {
      name: 'no-circles',
      severity: 'error',
      comment: 'a circle has no first file to read',
      from: {},
      to: { circular: true },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: { extensions: ['.ts', '.js', '.json'] },
  },
}
