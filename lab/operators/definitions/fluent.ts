import { count, define, fields, flag, mapOf, resources, text } from './schema.ts'

const group = 'fluentbit.fluent.io'
const versions = ['v1alpha2']
const short = {
  FluentBitConfig: 'fbc',
  Collector: 'co',
  ClusterInput: 'cfbi',
  ClusterFilter: 'cfbf',
  ClusterOutput: 'cfbo',
  ClusterParser: 'cfbp',
}

/** None of them has a status. */
export const fluentDefinitions = [
  define({
    group,
    versions,
    kind: 'FluentBit',
    shortNames: ['fb'],
    spec: fields({
      image: text,
      fluentBitConfigName: text,
      disableService: flag,
      metricsPort: count(),
      labels: mapOf(text),
      resources,
    }),
  }),
  define({
    group,
    versions,
    kind: 'ClusterFluentBitConfig',
    shortNames: ['cfbc'],
    scope: 'Cluster',
    spec: fields({
      service: fields(),
      namespace: text,
      configFileFormat: { type: 'string', enum: ['classic', 'yaml'] },
    }),
  }),
  ...Object.entries(short).map(([kind, name]) =>
    define({
      group,
      versions,
      kind,
      shortNames: [name],
      scope: kind.startsWith('Cluster') ? 'Cluster' : 'Namespaced',
      spec: fields(),
    }),
  ),
]
