import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { stringify } from 'yaml'
import { z } from 'zod'
import { type PlatformEntry, type PlatformStatus, platformStatusShape } from '../../src/contract/platform.ts'
import { type Planned, plannedShape } from '../../src/contract/plans.ts'
import { type RunDetail, runDetailShape, startedRunShape } from '../../src/contract/runs.ts'
import { loadDistributions } from '../../src/distributions/index.ts'
import { clusterStagesOf } from '../../src/server/clusterStages.ts'
import { type Answer, openApi } from '../api/server.ts'
import { type Desk, openDesk } from '../cli/command.ts'
import { type ControlPlane, startControlPlane } from '../kubernetes/controlPlane.ts'
import { until } from '../until.ts'
import { helmEnvironment } from './byApi.ts'
import { helm } from './packedChart.ts'

/** A cluster of kubeadm on a real API server, with operators of others; and a server of Slipway that knows it by its API alone. */
export interface OthersSite extends AsyncDisposable {
  readonly plane: ControlPlane
  /** A folder with the charts and the kubeconfig in it, whose commands talk to that server. */
  readonly desk: Desk
  discover(): Promise<void>
  /** A cluster file of it with this platform, as it is sent. */
  document(platform: object, nodes?: readonly object[]): object
  get(path: string): Promise<Answer>
  post(path: string, body: object): Promise<Answer>
  planned(body: object): Promise<Planned>
  /** The run to its end; null: there was nothing to do. */
  applied(body: object): Promise<RunDetail | null>
  status(): Promise<PlatformStatus>
  entry(name: string): Promise<PlatformEntry | undefined>
  helmByHand(...args: string[]): void
}

export const m1 = { hostname: 'm1', internal_ip: '10.77.1.11', role: 'initial_master' }

/** @param charts packed, by the name of their file. */
export async function openOthersSite(charts: Readonly<Record<string, Buffer>>): Promise<OthersSite> {
  await using begun = new AsyncDisposableStack()
  const plane = begun.use(await startControlPlane('controllers', 'scheduler', 'kwok'))
  const objects = [
    machine,
    storageClass,
    operator('fluent-operator', 'kubesphere/fluent-operator:v3.6.0'),
    operator('pgo', 'example.test/postgres-operator:ubi8-5.0.1-0'),
  ]
  plane.kubectl(['create', '-f', '-'], objects.map(object => `${JSON.stringify(object)}\n---\n`).join(''))
  const api = begun.use(await openApi(undefined, clusterStagesOf(await loadDistributions())))
  const desk = begun.use(await openDesk({ environment: { SLIPWAY_URL: api.url.href, SLIPWAY_TOKEN: api.token } }))
  for (const [file, packed] of Object.entries(charts)) writeFileSync(join(desk.folder, file), packed)

  let version = 'v1.34.1'
  const get: OthersSite['get'] = path => api.call('GET', `/api/v1${path}`)
  const post: OthersSite['post'] = (path, body) => api.call('POST', `/api/v1${path}`, { body })
  const answered = (answer: Answer): unknown => {
    expect(answer.status, answer.body).toBe(200)
    return answer.json()
  }
  const status = async () => platformStatusShape.parse(answered(await get('/clusters/others/platform')))
  const all = begun.move()
  return {
    plane,
    desk,
    get,
    post,
    status,
    async discover() {
      const found = answered(await post('/clusters/discover', { name: 'others', kubeconfig: plane.kubeconfig }))
      version = z.object({ version: z.string() }).parse(found).version
    },
    document(platform, nodes = [m1]) {
      const source = stringify({
        apiVersion: 'slipway/v1',
        kind: 'Cluster',
        metadata: { name: 'others' },
        spec: { distribution: 'kubeadm', version, nodes, platform },
      })
      const named = Object.entries(charts).filter(([file]) => source.includes(file))
      const files = Object.fromEntries(named.map(([file, packed]) => [file, packed.toString('base64')]))
      return { name: 'cluster.yaml', source, files }
    },
    planned: async body => plannedShape.parse(answered(await post('/plans', body))),
    async applied(body) {
      const started = answered(await post('/clusters/others/runs', { approve: null, ...body }))
      const { run } = startedRunShape.parse(started)
      if (run === null) return null
      const look = async () => runDetailShape.parse(answered(await get(`/runs/${run}`)))
      await until('the run has ended', async () => (await look()).ended !== null, 60_000)
      return look()
    },
    entry: async name => (await status()).components.find(one => one.name === name),
    helmByHand(...args) {
      const env = helmEnvironment(plane)
      execFileSync(helm.path, args, { env, stdio: 'pipe' })
    },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  }
}

const facts = [
  'machineID',
  'systemUUID',
  'bootID',
  'kernelVersion',
  'osImage',
  'containerRuntimeVersion',
  'kubeProxyVersion',
  'operatingSystem',
  'architecture',
]
export const machine = {
  apiVersion: 'v1',
  kind: 'Node',
  metadata: {
    name: m1.hostname,
    labels: { 'kubernetes.io/hostname': m1.hostname, 'node-role.kubernetes.io/control-plane': '' },
    annotations: { 'kubeadm.alpha.kubernetes.io/cri-socket': 'unix:///run/containerd/containerd.sock' },
  },
  status: {
    capacity: { pods: '100' },
    allocatable: { pods: '100' },
    addresses: [{ type: 'InternalIP', address: m1.internal_ip }],
    // Of a Node the API wants all of it, whatever it says.
    nodeInfo: {
      kubeletVersion: 'v1.34.1',
      ...Object.fromEntries(facts.map(fact => [fact, ''])),
    },
  },
}

const storageClass = {
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  metadata: { name: 'fast', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
  provisioner: 'example.test/none',
}

/** As somebody else has made it: known by its name, and of the version that its image says. */
const operator = (name: string, image: string) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, namespace: 'default' },
  spec: {
    selector: { matchLabels: { app: name } },
    template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'operator', image }] } },
  },
})
