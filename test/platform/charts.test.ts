import { once } from 'node:events'
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ControlPlane, startControlPlane } from '../kubernetes/controlPlane.ts'
import { until } from '../until.ts'
import { byApi, helmByHand, helmEnvironment } from './byApi.ts'
import { chartBench, installation } from './chartBench.ts'
import { deployment, helm, packedChart, values } from './packedChart.ts'

/** Charts as stages on a real API server, by the real Helm: what is decided, done, waited for and told. */

let plane: ControlPlane
beforeAll(async () => {
  plane = await startControlPlane('controllers', 'scheduler', 'kwok')
  plane.kubectl(['create', '-f', '-'], node)
}, 60_000)
afterAll(() => plane?.[Symbol.asyncDispose]())

const node = JSON.stringify({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: 'w1', labels: { 'kubernetes.io/hostname': 'w1' } },
  status: { capacity: { pods: '100' }, allocatable: { pods: '100' } },
})
const bench = chartBench(() => byApi(() => plane.kubeconfig))

const web = packedChart({ 'templates/web.yaml': deployment, 'values.yaml': values })
const revision = (namespace: string, name: string) =>
  plane.kubectl([
    'get',
    'secrets',
    `--namespace=${namespace}`,
    `--selector=owner=helm,name=${name}`,
    '--sort-by=.metadata.creationTimestamp',
    '--output=jsonpath={.items[*].metadata.labels.version} {.items[*].metadata.labels.status}',
  ])
const byHand = (...args: string[]) => helmByHand(plane, ...args)
/** A packed chart in a file, for a Helm that is called by hand. */
const fileOf = (packed: Uint8Array): string => {
  const file = join(plane.folder, `by-hand-${process.hrtime.bigint()}.tgz`)
  writeFileSync(file, packed)
  return file
}
const generation = (namespace: string) =>
  plane.kubectl([
    'get',
    'deployments,secrets',
    `--namespace=${namespace}`,
    '--output=jsonpath={.items[*].metadata.resourceVersion}',
  ])

describe('a chart', () => {
  it('is installed and waited for; the same again changes nothing, other values do, and secret ones are shown nowhere', async () => {
    const chart = { name: 'one', values: { replicas: 2, password: 'first-secret' } }
    expect(await bench.told(web, chart)).toEqual(['install web 1.0.0 as one/one', 'wait until its workloads are ready'])
    expect(await bench.apply(web, chart)).toMatchObject({ status: 'completed' })
    expect(plane.kubectl(['get', 'deployment', 'one', '-n', 'one', '-o', 'jsonpath={.status.availableReplicas}'])).toBe(
      '2',
    )
    const before = generation('one')
    expect(await bench.told(web, chart)).toMatchObject({ kind: 'skip', reason: 'web 1.0.0 is installed and ready' })
    expect(generation('one')).toBe(before)

    const other = { name: 'one', values: { replicas: 3, password: 'second-secret' } }
    expect(await bench.told(web, other)).toEqual([
      'set password: •••• → ••••',
      'set replicas: 2 → 3',
      'wait until its workloads are ready',
    ])
    const { status, events } = await bench.apply(web, other)
    expect(status).toBe('completed')
    expect(JSON.stringify(events)).not.toContain('second-secret')
    expect(JSON.stringify(await bench.plan(web, { name: 'one', values: { password: 'third-secret' } }))).not.toMatch(
      /-secret/,
    )
    expect(revision('one', 'one')).toBe('1 2 superseded deployed')

    const words = { word: 'yes', number: '1e3', lines: 'a\nb\n' }
    const sealed = { name: 'one', values: { replicas: 3, ...words }, secret_values: 'in-a-file-only' }
    const made = await bench.plan(web, sealed)
    expect(JSON.stringify(made.stages.map(({ decision }) => decision))).not.toContain('in-a-file-only')
    expect(await bench.told(web, sealed)).toContain('set hidden: of the chart → ••••')
    expect(await bench.apply(web, sealed)).toMatchObject({ status: 'completed' })
    const kept = JSON.parse(byHand('get', 'values', 'one', '--namespace=one', '--output=json').toString())
    expect(kept).toEqual({ replicas: 3, ...words, hidden: 'in-a-file-only' })
    expect(await bench.told(web, sealed)).toMatchObject({ kind: 'skip' })
  })

  it('of the same version is another one when its file is, and when somebody has upgraded it by hand', async () => {
    const changed = packedChart({ 'templates/web.yaml': `${deployment}# another\n`, 'values.yaml': values })
    expect(await bench.apply(web, { name: 'two' })).toMatchObject({ status: 'completed' })
    expect(await bench.told(changed, { name: 'two' })).toContain('web 1.0.0: from this file of it')
    byHand('upgrade', 'two', fileOf(changed), '--namespace=two')
    expect(await bench.told(web, { name: 'two' })).toContain('web 1.0.0: from this file of it')
    byHand('upgrade', 'two', fileOf(web), '--namespace=two', '--set=replicas=4')
    expect(await bench.told(web, { name: 'two' })).toContain('set replicas: 4 → of the chart')
    expect(await bench.apply(web, { name: 'two' })).toMatchObject({ status: 'completed' })
    expect(await bench.told(web, { name: 'two' })).toMatchObject({ kind: 'skip' })
  })

  it('comes after those that it is to come after', async () => {
    const { stages, events } = await bench.apply(web, { name: 'later', after: ['first'] }, { name: 'first' })
    expect(stages.map(({ status }) => status)).toEqual(['completed', 'completed'])
    const order = events.filter(({ type }) => type === 'stage-started' || type === 'stage-completed')
    expect(order.map(({ type, stage }) => `${stage} ${type}`)).toEqual([
      'platform/chart:first stage-started',
      'platform/chart:first stage-completed',
      'platform/chart:later stage-started',
      'platform/chart:later stage-completed',
    ])
  })
})

describe('what is not ready', () => {
  it('is waited for until its time is over, and what was seen last is told; the next plan says what is missing', async () => {
    const chart = { name: 'stuck', values: { node: 'nowhere' }, timeout_s: 10 }
    const { status, errors } = await bench.apply(web, chart)
    expect(status).toBe('failed')
    expect(errors).toMatchObject([{ code: 'workload-not-ready' }])
    expect(errors[0]?.message).toMatch(
      /Deployment stuck\/stuck: not within \d+ s: 0 of 1 pods are available; pod stuck-\S+: no node takes it/,
    )
    expect(await bench.told(web, chart)).toEqual([
      'wait until its workloads are ready (Deployment stuck/stuck: 0 of 1 pods are available)',
    ])
    expect(await bench.apply(web, { name: 'stuck', timeout_s: 30 })).toMatchObject({ status: 'completed' })
  })

  it('is not waited for when it has failed for good', async () => {
    const job = `
apiVersion: batch/v1
kind: Job
metadata: { name: once }
spec:
  activeDeadlineSeconds: 1
  template: { spec: { restartPolicy: Never, nodeSelector: { a: b }, containers: [{ name: a, image: a }] } }
`
    const failing = packedChart({ 'templates/job.yaml': job })
    const { errors } = await bench.apply(failing, { name: 'failing', timeout_s: 50 })
    expect(errors).toMatchObject([{ code: 'workload-not-ready' }])
    expect(errors[0]?.message).toContain('Job failing/once: it has failed')
  })
})

it('a hook is told while Helm waits for it, with its pods: when its time is over, and when it has failed and was deleted for that', async () => {
  const hook = `
apiVersion: batch/v1
kind: Job
metadata: { name: never, annotations: { helm.sh/hook: {{ .Values.at }}, helm.sh/hook-delete-policy: hook-failed } }
spec:
  activeDeadlineSeconds: {{ .Values.seconds }}
  template: { spec: { restartPolicy: Never, nodeSelector: { a: b }, containers: [{ name: a, image: a }] } }
`
  const hooked = packedChart({ 'templates/hook.yaml': hook, 'templates/web.yaml': deployment, 'values.yaml': values })
  const { stages, events } = await bench.apply(
    hooked,
    { name: 'hangs', timeout_s: 10, values: { at: 'pre-install', seconds: 100 } },
    { name: 'fails', timeout_s: 20, values: { at: 'post-install', seconds: 2 }, after: [] },
  )
  const said = Object.fromEntries(stages.map(({ key, error }) => [key, `${error?.code}: ${error?.message}`]))
  const waits = (name: string) =>
    `hook Job ${name}/never: 0 of 1 pods have completed; pod never-\\S+: no node takes it: 0/1 nodes`
  for (const name of ['hangs', 'fails'])
    expect(events.map(({ message }) => message)).toContainEqual(expect.stringMatching(new RegExp(`^${waits(name)}`)))
  expect(said['platform/chart:hangs']).toMatch(
    new RegExp(`^chart-refused: .*failed pre-install.*; ${waits('hangs')}`, 's'),
  )
  expect(said['platform/chart:fails']).toMatch(
    /^chart-refused: .*failed post-install.*; hook Job fails\/never: it has failed: Job was active longer/s,
  )
})

describe('a release', () => {
  it('is not begun in a namespace that is being deleted', async () => {
    plane.kubectl(['create', 'namespace', 'leaving'])
    // It stays: whoever would empty it does not run here.
    plane.kubectl(['delete', 'namespace', 'leaving', '--wait=false'])
    const made = await bench.plan(web, { name: 'leaving' })
    expect(made.stages).toMatchObject([{ unmet: [{ name: 'namespace-terminating', severity: 'error' }] }])
  })

  it('that somebody else has made is refused, and left as it is', async () => {
    byHand('install', 'theirs', fileOf(web), '--namespace=theirs', '--create-namespace')
    const before = generation('theirs')
    const made = await bench.plan(web, { name: 'theirs', values: { replicas: 5 } })
    expect(made.stages).toMatchObject([{ unmet: [{ name: 'release-of-another', severity: 'error' }] }])
    await expect(bench.apply(web, { name: 'theirs' })).rejects.toMatchObject({ code: 'preflight-failed' })
    expect(generation('theirs')).toBe(before)
  })

  it.each([
    ['an installation', false],
    ['an upgrade', true],
  ])('whose Helm was killed in %s is gone on with', async (_what, isUpgrade) => {
    const name = isUpgrade ? 'cut-later' : 'cut'
    if (isUpgrade) expect(await bench.apply(web, { name })).toMatchObject({ status: 'completed' })
    const hook = `
apiVersion: batch/v1
kind: Job
metadata: { name: never, annotations: { helm.sh/hook: "pre-install,pre-upgrade" } }
spec: { template: { spec: { restartPolicy: Never, nodeSelector: { a: b }, containers: [{ name: a, image: a }] } } }
`
    const waiting = fileOf(
      packedChart({ 'templates/hook.yaml': hook, 'templates/web.yaml': deployment, 'values.yaml': values }),
    )
    const child = spawn(
      helm.path,
      [
        'upgrade',
        name,
        waiting,
        '--install',
        '--create-namespace',
        `--namespace=${name}`,
        `--labels=slipway/installation=${installation}`,
      ],
      { env: helmEnvironment(plane), stdio: 'ignore' },
    )
    const exited = once(child, 'exit')
    await until('Helm waits for its hook', async () => revision(name, name).includes('pending-'), 20_000)
    child.kill('SIGKILL')
    await exited
    expect(await bench.apply(web, { name })).toMatchObject({ status: 'completed', stages: [{ status: 'completed' }] })
    expect(revision(name, name)).not.toContain('pending-')
    expect(await bench.told(web, { name })).toMatchObject({ kind: 'skip' })
  })
})
