import { once } from 'node:events'
import pg from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { readKubeconfig } from '../../src/kubernetes/kubeconfig.ts'
import { openPortForward } from '../../src/kubernetes/portForward.ts'
import { condition, Rke2Hosts } from './hosts.ts'

// Pods that really run: kubelet, containerd and kube-proxy in place of kwok. One story on two hosts, told in order.

const token = 'the-token'
const soon = { timeout: 60_000 }
let hosts: Rke2Hosts
const kubectl = (command: string) => hosts.kubectl('h1', command)

const onHost = (host: string) => ({ key: 'kubernetes.io/hostname', operator: 'In', values: [host] })
/** Nothing makes volumes here: this one is on the second host's disk, and takes the pod there that claims it. */
const volume = {
  apiVersion: 'v1',
  kind: 'PersistentVolume',
  metadata: { name: 'of-h2' },
  spec: {
    capacity: { storage: '1Gi' },
    accessModes: ['ReadWriteOnce'],
    hostPath: { path: '/srv/database', type: 'DirectoryOrCreate' },
    nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [onHost('h2')] }] } },
  },
}

const postgres = [
  volume,
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'database' },
    spec: { selector: { app: 'database' }, ports: [{ port: 5432 }] },
  },
  {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name: 'database' },
    spec: {
      serviceName: 'database',
      selector: { matchLabels: { app: 'database' } },
      template: {
        metadata: { labels: { app: 'database' } },
        spec: {
          containers: [
            {
              name: 'postgres',
              image: 'postgres:15',
              env: [{ name: 'POSTGRES_PASSWORD', value: 'a-password' }],
              readinessProbe: { exec: { command: ['pg_isready', '-h', '127.0.0.1'] }, periodSeconds: 1 },
              volumeMounts: [{ name: 'data', mountPath: '/var/lib/postgresql/data' }],
            },
          ],
        },
      },
      volumeClaimTemplates: [
        {
          metadata: { name: 'data' },
          spec: {
            storageClassName: '',
            accessModes: ['ReadWriteOnce'],
            resources: { requests: { storage: '1Gi' } },
          },
        },
      ],
    },
  },
]

const psql = (query: string) =>
  `exec database-0 -- psql --username=postgres --tuples-only --no-align --command="${query}"`
const isReady = () => kubectl(`get statefulset database -o jsonpath='{.status.readyReplicas}'`)

/** A pod of one container on the server's own host; `restartPolicy` as Jobs want it where it is theirs. */
const podOf = (image: string, command: readonly string[], restartPolicy: string) => ({
  restartPolicy,
  nodeSelector: { 'kubernetes.io/hostname': 'h1' },
  tolerations: [{ operator: 'Exists' }],
  containers: [{ name: 'main', image, command }],
})

beforeAll(async () => {
  hosts = await Rke2Hosts.up(`lab-rke2-pods-${process.pid}`, 2, { pods: true })
  await Promise.all(['h1', 'h2'].map(host => hosts.install(host)))
  await hosts.start('h1', 'server', { token })
  await hosts.start('h2', 'agent', { token, server: hosts.supervisor('h1') })
  // What such hosts need may have to be built first.
}, 900_000)
afterAll(() => hosts[Symbol.asyncDispose]())

it('a Node of a real kubelet is ready, and of the version of its release', async () => {
  for (const host of ['h1', 'h2']) await hosts.untilNode('h1', host, condition('Ready'), 'True', 60)
  const told =
    '{.status.nodeInfo.kubeletVersion} {.status.nodeInfo.containerRuntimeVersion} {.status.addresses[0].address}'
  expect(await kubectl(`get node h2 -o jsonpath='${told}'`)).toMatch(
    new RegExp(`^v1\\.34\\.1\\+rke2r1 containerd://1\\.\\S+ ${hosts.address('h2').replaceAll('.', '\\.')}$`),
  )
})

it('what RKE2 deploys by itself is there, its static pods as mirrors of the kubelet', async () => {
  const pods = () => kubectl('-n kube-system get pods --field-selector=status.phase=Running -o name')
  await expect.poll(pods, soon).toContain('pod/etcd-h1')
  await expect.poll(async () => (await pods()).match(/rke2-canal-/g)?.length, soon).toBe(2)
  expect(await pods()).toContain('pod/kube-proxy-h2')
  const nameServer = 'get deployment -n kube-system rke2-coredns-rke2-coredns -o jsonpath={.status.readyReplicas}'
  await expect.poll(() => kubectl(nameServer), soon).toBe('1')
})

it('a PostgreSQL in a StatefulSet becomes ready when it answers, and exec asks it', async () => {
  await expect.poll(() => kubectl('get serviceaccounts -o name'), soon).toContain('serviceaccount/default')
  await hosts.apply('h1', postgres)
  await expect.poll(isReady, soon).toBe('1')
  expect(await kubectl(psql("create table kept as select 'a value' as value"))).toBe('SELECT 1')
  expect(await kubectl(psql('show server_version'))).toMatch(/^15\./)
})

it('a Job on another host reaches it by the name of its Service, and completes', async () => {
  const url = 'postgres://postgres:a-password@database.default/postgres'
  const template = { spec: podOf('postgres:15', ['psql', url, '-c', 'insert into kept values (1)'], 'Never') }
  await hosts.apply('h1', [
    { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'writer' }, spec: { backoffLimit: 0, template } },
  ])
  const state = () => kubectl(`get job writer -o jsonpath='{.status.succeeded} {.status.failed}'`)
  await expect.poll(state, soon).not.toBe('')
  expect(await kubectl('logs job/writer')).toBe('INSERT 0 1')
  expect(await kubectl(psql('select count(*) from kept'))).toBe('2')
})

it('a port-forward of kubectl leads to it', async () => {
  // What a client says before it asks for TLS; a PostgreSQL without certificates says N.
  const ask = `import socket, sys
one = socket.create_connection(("127.0.0.1", int(sys.argv[1])), 10)
one.sendall(bytes.fromhex("0000000804d2162f"))
print(one.recv(1).decode())`
  const kubectlFor = 'KUBECONFIG=/etc/rancher/rke2/rke2.yaml exec /var/lib/rancher/rke2/bin/kubectl'
  const said = await hosts.run(
    'h1',
    `coproc forward { ${kubectlFor} port-forward service/database :5432; }
read -r -t 20 -u "\${forward[0]}" line
[[ $line =~ ^Forwarding.*:([0-9]+) ]] && python3 -c '${ask}' "\${BASH_REMATCH[1]}"
kill $forward_PID`,
  )
  expect(said).toBe('N')
})

it("Slipway's own way to a port of a pod leads to it, and tells that nobody listens on another", async () => {
  const kubeconfig = await hosts.run('h1', 'cat /etc/rancher/rke2/rke2.yaml')
  const access = readKubeconfig(kubeconfig.replace('127.0.0.1', hosts.address('h1')))
  const forward = (port: number) => {
    const target = { namespace: 'default', pod: 'database-0', port }
    return openPortForward(access, { kind: 'direct' }, target, AbortSignal.timeout(20_000))
  }
  const stream = await forward(5432)
  const database = new pg.Client({
    user: 'postgres',
    password: 'a-password',
    database: 'postgres',
    stream: () => stream,
  })
  await database.connect()
  expect((await database.query('select count(*) from kept')).rows).toEqual([{ count: '2' }])
  await database.end()
  await expect(once(await forward(9), 'data')).rejects.toMatchObject({
    code: 'port-forward-failed',
    message: 'Pod default/database-0, port 9: nothing listens there',
  })
})

it('an image that an operator would have is one that sleeps, whatever its arguments, and any other is not to be had', async () => {
  const pod = (name: string, image: string) => {
    const spec = podOf(image, [], 'Always')
    const containers = spec.containers.map(one => ({ ...one, args: ['--leader-elect'] }))
    return { apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec: { ...spec, containers } }
  }
  await hosts.apply('h1', [
    pod('operator', 'ghcr.io/grafana/grafana-operator:v5.9.2'),
    pod('other', 'ghcr.io/grafana/x:1'),
  ])
  await expect.poll(() => kubectl('get pod operator -o jsonpath={.status.phase}'), soon).toBe('Running')
  const waits = 'get pod other -o jsonpath={.status.containerStatuses[0].state.waiting.reason}'
  await expect.poll(() => kubectl(waits), soon).toMatch(/^(ErrImagePull|ImagePullBackOff)$/)
})

it('the logs of a pod that has crashed can be read, and those of its next try', async () => {
  const script = 'if [ -e /kept/tried ]; then echo second; exec sleep 1000; fi; touch /kept/tried; echo first; exit 3'
  const spec = podOf('busybox:1.35', ['sh', '-c', script], 'Always')
  const containers = spec.containers.map(one => ({ ...one, volumeMounts: [{ name: 'kept', mountPath: '/kept' }] }))
  const kept = { ...spec, containers, volumes: [{ name: 'kept', emptyDir: {} }] }
  await hosts.apply('h1', [{ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'crashing' }, spec: kept }])
  const status = 'jsonpath={.status.containerStatuses[0].lastState.terminated.exitCode},{.status.phase}'
  await expect.poll(() => kubectl(`get pod crashing -o '${status}'`), soon).toBe('3,Running')
  expect(await kubectl('logs crashing --previous')).toBe('first')
  expect(await kubectl('logs crashing')).toBe('second')
})

it('a stop of the service leaves the containers, and a power cut their data', async () => {
  const server = () => hosts.run('h2', 'pgrep -o -x postgres')
  const before = await server()
  await hosts.restart('h2', 'agent')
  expect(await server()).toBe(before)
  await hosts.lab.kill('h2')
  await hosts.lab.boot('h2')
  await expect.poll(() => kubectl(psql('select count(*) from kept')).catch(() => 'away'), soon).toBe('2')
})

it('killall ends every container and takes their network away, and uninstall their images', async () => {
  await hosts.run('h1', 'rke2-killall.sh')
  const left = [
    'pgrep --list-name --runstates D,R,S "containerd|kubelet|kube-proxy|busybox"',
    'find /run/netns /run/k3s -mindepth 1',
    'ip -o link show cni0',
    'grep -E "/run/(k3s|netns)|kubelet" /proc/mounts',
  ]
  expect(await hosts.run('h1', `(${left.join('; ')}) 2>/dev/null || true`)).toBe('')
  await hosts.run('h1', 'rke2-uninstall.sh')
  expect(await hosts.run('h1', 'ls /opt/lab/containerd; ls -d /etc/cni /var/lib/kubelet 2>/dev/null || true')).toBe('')
})
