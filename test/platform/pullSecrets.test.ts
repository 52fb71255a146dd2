import { afterAll, beforeAll, expect, it } from 'vitest'
import { openSearchDefinitions } from '../../lab/operators/definitions/opensearch.ts'
import { postgresDefinitions } from '../../lab/operators/definitions/postgres.ts'
import { victoriaMetricsDefinitions } from '../../lab/operators/definitions/victoriametrics.ts'
import type { PlatformSpec } from '../../src/platform/spec.ts'
import { type ControlPlane, startControlPlane } from '../kubernetes/controlPlane.ts'
import { until } from '../until.ts'
import { byApi } from './byApi.ts'
import { makeRoom } from './fullPlatform.ts'
import { packedChart } from './packedChart.ts'
import { platformBench } from './platformBench.ts'

/** Logins of image registries reach the pods of a platform, whatever their accounts are; on a real API server. */

let plane: ControlPlane
beforeAll(async () => {
  plane = await startControlPlane('controllers', 'scheduler', 'kwok')
  makeRoom(plane)
}, 60_000)
afterAll(() => plane?.[Symbol.asyncDispose]())

const account = (name: string, more = '') => `
apiVersion: v1
kind: ServiceAccount
metadata: { name: ${name}${more} }
`
const pods = (kind: 'Job' | 'Deployment', name: string, user: string, more = '') => `
apiVersion: ${kind === 'Job' ? 'batch/v1' : 'apps/v1'}
kind: ${kind}
metadata: { name: ${name}${more} }
spec:
  ${kind === 'Job' ? '' : `selector: { matchLabels: { app: ${name} } }`}
  template:
    metadata: { labels: { app: ${name} } }
    spec:
      serviceAccountName: ${user}
      ${kind === 'Job' ? 'restartPolicy: Never' : ''}
      containers: [{ name: a, image: a }]
`
const hook = (weight: number) => `, annotations: { helm.sh/hook: pre-install, helm.sh/hook-weight: "${weight}" }`
const web = packedChart({
  'templates/web.yaml': pods('Deployment', 'web', 'web'),
  'templates/plain.yaml': pods('Deployment', 'plain', 'default'),
  'templates/account.yaml': `${account('web')}{{ with .Values.logins }}imagePullSecrets: {{ toJson . }}{{ end }}`,
  'templates/own.yaml': `${account('own')}imagePullSecrets: [{ name: theirs }]`,
  'templates/none.yaml': `${account('none')}imagePullSecrets: []`,
  'templates/hook-account.yaml': account('before', hook(-1)),
})
const logins = JSON.stringify({ auths: { 'registry.example': { auth: Buffer.from('a:b').toString('base64') } } })
const bench = platformBench(() => byApi(() => plane.kubeconfig))
const over = (platform: PlatformSpec) =>
  bench({ image_pull_secret: 'logins.json', ...platform }, file =>
    file.endsWith('.tgz') ? web.toString('base64') : logins,
  )
const chart = (values = {}) => over({ charts: [{ name: 'shop', chart: 'web.tgz', values }] })
const loginsOf = (kind: string, ...which: string[]) =>
  plane.kubectl(['get', kind, '-n', 'shop', ...which, '-o', 'jsonpath={..imagePullSecrets[*].name}'])

/** Before Helm, or whoever else, came: what an account gets afterwards is nothing else. */
function expectMadeWithThem(name: string): void {
  const account = plane.kubectl(['get', 'sa', name, '-n', 'shop', '-o', 'json', '--show-managed-fields'])
  const fieldsV1 = expect.objectContaining({ 'f:imagePullSecrets': {}, 'f:metadata': expect.anything() })
  expect(JSON.parse(account).metadata.managedFields).toContainEqual(
    expect.objectContaining({ manager: 'slipway', fieldsV1 }),
  )
}

it('accounts of a chart have them before their pods, with hooks too; what somebody has chosen stays; the same again is nothing to do', async () => {
  plane.kubectl(['create', 'namespace', 'shop'])
  const common = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace: 'shop' } }
  plane.kubectl(['apply', '-f', '-'], JSON.stringify({ ...common, imagePullSecrets: [{ name: 'of-before' }] }))
  const { status, errors } = await chart().apply()
  expect({ status, errors }).toEqual({ status: 'completed', errors: [] })
  expect(loginsOf('sa', 'web')).toBe('slipway-registries')
  expect(loginsOf('sa', 'before')).toBe('slipway-registries')
  expect(loginsOf('sa', 'none')).toBe('slipway-registries')
  expect(loginsOf('sa', 'own')).toBe('theirs')
  expect(loginsOf('sa', 'default')).toBe('of-before slipway-registries')
  expectMadeWithThem('web')
  expect(await chart().told()).toEqual({
    'platform/prerequisites': 'skip: all is there',
    shop: 'skip: web 1.0.0 is installed and ready',
  })
})

it('an account of a chart that was deleted comes back with them, before its pods', async () => {
  for (const kind of ['sa', 'deployment']) plane.kubectl(['delete', kind, 'web', '-n', 'shop'])
  const { status, errors } = await chart().apply()
  expect({ status, errors }).toEqual({ status: 'completed', errors: [] })
  expect(loginsOf('sa', 'web')).toBe('slipway-registries')
  expectMadeWithThem('web')
  expect((await chart().told())['shop']).toBe('skip: web 1.0.0 is installed and ready')
})

it('an account that has come since gets them with the next apply; one whose chart chooses others gets those', async () => {
  plane.kubectl(['create', 'serviceaccount', 'late', '-n', 'shop'])
  const told = await chart().told()
  expect(told['platform/prerequisites']).toEqual([
    expect.stringMatching(/^ServiceAccount shop\/late: imagePullSecrets: .*slipway-registries/),
  ])
  const { status, errors } = await chart({ logins: [{ name: 'others' }] }).apply()
  expect({ status, errors }).toEqual({ status: 'completed', errors: [] })
  expect(loginsOf('sa', 'late')).toBe('slipway-registries')
  expect(loginsOf('sa', 'web')).toBe('others')
  expect(loginsOf('sa', 'none')).toBe('slipway-registries')
  expect((await chart({ logins: [{ name: 'others' }] }).told())['platform/prerequisites']).toBe('skip: all is there')
})

it('databases hand them on to their pods, as the kinds of their operators have it', async () => {
  const kinds = [...postgresDefinitions, ...victoriaMetricsDefinitions, ...openSearchDefinitions]
  plane.kubectl(['create', '-f', '-'], kinds.map(one => JSON.stringify(one)).join('\n---\n'))
  for (const namespace of ['postgres', 'victoriametrics', 'opensearch'])
    plane.kubectl(['create', 'namespace', namespace])
  const off = { enabled: false }
  const components = {
    'operator-pgo': off,
    'operator-victoriametrics': off,
    'operator-opensearch': off,
    'infra-postgres': {},
    'infra-victoriametrics': {},
    'infra-opensearch': {},
  }
  await until('the kinds are served', async () => {
    const { stages } = await over({ components }).plan()
    return stages.every(({ unmet }) => unmet.every(({ name }) => name !== 'definition-missing'))
  })
  expect((await over({ components }).plan()).stages.map(({ unmet }) => unmet)).toEqual([[], [], [], []])
})
