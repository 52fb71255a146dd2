import { claim, conditions, count, define, fields, flag, mapOf, text } from './schema.ts'

const group = 'grafana.integreatly.org'
const versions = ['v1beta1']

export const grafanaDefinitions = [
  define({
    group,
    versions,
    kind: 'Grafana',
    columns: { Version: '.status.version', Stage: '.status.stage', 'Stage status': '.status.stageStatus' },
    spec: fields({
      config: mapOf(mapOf(text)),
      version: text,
      suspend: flag,
      disableDefaultAdminSecret: flag,
      deployment: fields({ spec: fields({ replicas: count() }) }),
      persistentVolumeClaim: fields({ spec: claim }),
      external: fields({ url: text }, ['url']),
    }),
    status: fields({
      stage: text,
      stageStatus: text,
      lastMessage: text,
      adminUrl: text,
      version: text,
      conditions,
      replicas: count(),
      selector: text,
    }),
    scale: {
      specReplicasPath: '.spec.deployment.spec.replicas',
      statusReplicasPath: '.status.replicas',
      labelSelectorPath: '.status.selector',
    },
  }),
  ...['GrafanaDashboard', 'GrafanaDatasource', 'GrafanaFolder', 'GrafanaAlertRuleGroup', 'GrafanaContactPoint'].map(
    kind =>
      define({ group, versions, kind, spec: fields({ instanceSelector: fields() }), status: fields({ conditions }) }),
  ),
]
