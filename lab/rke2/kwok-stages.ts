import { stringify } from 'yaml'

// kwok does what its stages say, and only that: here a kubelet whose containers start at once and never fail by themselves.
// A pod annotated `lab.slipway/pending: "true"` is left pending, for tests of what waits.

const conditions = (type: string) => `
- type: ${type}
  status: "True"
  lastTransitionTime: {{ $now | Quote }}`

const eachContainer = (container: string) => `
containerStatuses:
{{ range .spec.containers }}
- name: {{ .name | Quote }}
  image: {{ .image | Quote }}
${container}
{{ end }}`

const nodeReady = `
{{ $now := Now }}
conditions:
{{ range NodeConditions }}
- type: {{ .type | Quote }}
  status: {{ .status | Quote }}
  reason: {{ .reason | Quote }}
  message: {{ .message | Quote }}
  lastHeartbeatTime: {{ $now | Quote }}
  lastTransitionTime: {{ $now | Quote }}
{{ end }}
`

const nodeWithoutNetwork = `
{{ $now := Now }}
conditions:
{{ range NodeConditions }}
- type: {{ .type | Quote }}
  {{ if eq .type "Ready" }}
  status: "False"
  reason: KubeletNotReady
  message: "container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: cni plugin not initialized"
  {{ else }}
  status: {{ .status | Quote }}
  reason: {{ .reason | Quote }}
  message: {{ .message | Quote }}
  {{ end }}
  lastHeartbeatTime: {{ $now | Quote }}
  lastTransitionTime: {{ $now | Quote }}
{{ end }}
`

const podRuns = `
{{ $now := Now }}
phase: Running
startTime: {{ $now | Quote }}
conditions:${['PodScheduled', 'Initialized', 'ContainersReady', 'Ready'].map(conditions).join('')}
{{ range .spec.readinessGates }}
- type: {{ .conditionType | Quote }}
  status: "True"
  lastTransitionTime: {{ $now | Quote }}
{{ end }}
${eachContainer(`  ready: true
  started: true
  restartCount: 0
  state:
    running:
      startedAt: {{ $now | Quote }}`)}
{{ if .spec.initContainers }}
initContainerStatuses:
{{ range .spec.initContainers }}
- name: {{ .name | Quote }}
  image: {{ .image | Quote }}
  ready: true
  restartCount: 0
  {{ if eq (or .restartPolicy "") "Always" }}
  started: true
  state:
    running:
      startedAt: {{ $now | Quote }}
  {{ else }}
  state:
    terminated:
      exitCode: 0
      reason: Completed
      startedAt: {{ $now | Quote }}
      finishedAt: {{ $now | Quote }}
  {{ end }}
{{ end }}
{{ end }}
{{ with NodeIPWith .spec.nodeName }}
hostIP: {{ . | Quote }}
{{ end }}
{{ with PodIPWith .spec.nodeName ( or .spec.hostNetwork false ) ( or .metadata.uid "" ) ( or .metadata.name "" ) ( or .metadata.namespace "" ) }}
podIP: {{ . | Quote }}
podIPs:
- ip: {{ . | Quote }}
{{ end }}
`

const podCompletes = `
{{ $now := Now }}
phase: Succeeded
${eachContainer(`  ready: false
  started: false
  restartCount: 0
  state:
    terminated:
      exitCode: 0
      reason: Completed
      startedAt: {{ $now | Quote }}
      finishedAt: {{ $now | Quote }}`)}
`

type Expression = { key: string; operator: string; values?: string[] }

function stage(
  name: string,
  kind: 'Node' | 'Pod',
  matchExpressions: Expression[],
  next: object,
  delay?: number,
): string {
  return stringify({
    apiVersion: 'kwok.x-k8s.io/v1alpha1',
    kind: 'Stage',
    metadata: { name },
    spec: {
      resourceRef: { apiGroup: 'v1', kind },
      selector: { matchExpressions },
      ...(delay === undefined ? {} : { delay: { durationMilliseconds: delay } }),
      next,
    },
  })
}

const deleting = (operator: string): Expression => ({ key: '.metadata.deletionTimestamp', operator })
const inPhase = (...values: string[]): Expression => ({ key: '.status.phase', operator: 'In', values })
const ready = (operator: string, value = 'True'): Expression => ({
  key: '.status.conditions.[] | select( .type == "Ready" ) | .status',
  operator,
  values: [value],
})
const ofJob = (operator: string): Expression => ({
  key: '.metadata.ownerReferences.[].kind',
  operator,
  values: ['Job'],
})

/** The configuration file of kwok: a list of stages. Without a network the Node is never ready, and no pod runs. */
export function kwokConfiguration(network: boolean): string {
  if (!network) {
    return stage('node-without-network', 'Node', [ready('NotIn', 'False')], { statusTemplate: nodeWithoutNetwork })
  }
  return [
    stage('node-ready', 'Node', [ready('NotIn')], { statusTemplate: nodeReady }),
    stage(
      'pod-runs',
      'Pod',
      [
        deleting('DoesNotExist'),
        inPhase('Pending'),
        ready('NotIn'),
        { key: '.metadata.annotations["lab.slipway/pending"]', operator: 'NotIn', values: ['true'] },
      ],
      { statusTemplate: podRuns },
    ),
    stage(
      'pod-completes',
      'Pod',
      [deleting('DoesNotExist'), inPhase('Running'), ofJob('In')],
      { statusTemplate: podCompletes },
      500,
    ),
    stage('pod-ends', 'Pod', [deleting('Exists')], { delete: true }),
  ].join('---\n')
}
