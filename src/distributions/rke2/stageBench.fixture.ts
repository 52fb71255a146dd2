import type { ClusterClient } from '../../kubernetes/client.ts'
import { rke2Spec } from './spec/spec.ts'
import type { DomainChange } from '../../domain/changes.ts'
import { createObservations } from '../../engine/contract/observations.ts'
import type { AttemptContext, BatchRecords, Stage } from '../../engine/contract/stage.ts'
import type { HostAccess } from '../../hosts/access.ts'
import type { HostFacts } from './host/facts.ts'
import type { FolderState } from '../../hosts/folder.ts'
import type { RemoteResult } from '../../hosts/remoteRun.ts'
import type { NodeArguments, StageArguments } from './arguments.ts'
import { caFile, knownCa, knownEtcd, machineFacts, serverFacts } from './machineFacts.fixture.ts'
import { untilAborted } from './untilAborted.fixture.ts'
import { requestOf } from './hostRequests.fixture.ts'
import { installPipeline } from './install.ts'
import { stageArguments } from './arguments.ts'
import type { Bootstrap } from '../../clusters/session.ts'
import type { ClusterSecrets, NodesPlay, Rke2Session } from './session.ts'

/** What the hosts of a bench answer; a promise is an answer that takes its time. */
export interface HostAnswers {
  readonly observe?: (hostname: string, folders: readonly string[]) => HostFacts | Promise<HostFacts>
  /** Whether the service of a host comes up; it hangs until it is stopped where nothing comes back. */
  readonly service?: (hostname: string) => boolean
  /** The same for a node, as a server sees it. */
  readonly node?: (hostname: string, asked: string) => boolean
  /** Whether a host has come under another cluster's CA once its service is up. */
  readonly foreign?: (hostname: string) => boolean
  /** What a host says of a name: null when it knows it. */
  readonly resolves?: (hostname: string) => string | null
  /** What a host says of a folder that something may be written to. */
  readonly folder?: (hostname: string, path: string) => FolderState
  /** Whether a host reaches the ports of an address. */
  readonly reaches?: (hostname: string, address: string) => boolean
  /** What a host gets for each file of the release. */
  readonly fetches?: (hostname: string) => number
  /** Who answers for an address on the network of a host: a MAC address. */
  readonly neighbour?: (hostname: string) => string | null
  /** Why a host cannot install a package. */
  readonly installs?: (hostname: string) => string | null
  /** What a host says of the cluster at the VIP: null when it answers. */
  readonly throughVip?: (hostname: string) => string | null
  /** Whether a host hears the one that holds the VIP. */
  readonly hears?: (hostname: string) => boolean
  readonly play?: Rke2Session['play']
  readonly bootstrap?: Partial<Bootstrap>
  readonly secrets?: Partial<ClusterSecrets>
  /** Contents of the user's own files. */
  readonly ownFiles?: Readonly<Record<string, string>>
  /** Nodes on record that the file does not name. */
  readonly leaving?: readonly string[]
  /** All nodes of the cluster. */
  readonly nodes?: readonly NodeArguments[]
  readonly adopted?: Awaited<ReturnType<Rke2Session['adopted']>>
  /** The kubeconfig that is kept. */
  readonly kubeconfig?: string
  readonly kubeconfigIsRefused?: boolean
}

/** A cluster's session whose hosts answer what a test says, and an attempt that remembers what was written. */
export function stageBench(answers: HostAnswers) {
  const changes: DomainChange[] = []
  const progress: string[] = []
  /** What was said of changes that were put on record, and of hosts that are done. */
  const told: string[] = []
  const stop = new AbortController()
  /** Hosts of a batch without a result. */
  const open = new Set<string>()
  let batch: BatchRecords | undefined
  const counts = { watching: 0, most: 0 }
  const run = async (
    hostname: string,
    stdin: Uint8Array,
    signal: AbortSignal | undefined,
    say: (text: string) => unknown,
  ): Promise<unknown> => {
    const request = requestOf(stdin)
    switch (request.what) {
      case 'observe':
        return reply((await answers.observe?.(hostname, request.folders)) ?? usualFacts(hostname))
      case 'name':
        return { addresses: [], error: answers.resolves?.(hostname) ?? null }
      case 'package':
        return { error: answers.installs?.(hostname) ?? null }
      case 'vrrp':
        return { heard: answers.hears?.(hostname) === false ? null : request.peers[0], error: null }
      case 'neighbour':
        return { mac: answers.neighbour?.(hostname) ?? null, error: null }
      case 'vip': {
        const error = answers.throughVip?.(hostname) ?? null
        return { ca: error === null ? caFile.toString('base64') : null, supervisor: error, api: null }
      }
      case 'folder':
        return answers.folder?.(hostname, request.folder) ?? { state: 'usable', at: request.folder }
      case 'release':
        return { replies: request.urls.map(url => ({ url, status: answers.fetches?.(hostname) ?? 200, error: null })) }
      case 'ports': {
        const state = (address: string) => (answers.reaches?.(hostname, address) === false ? 'unreachable' : 'open')
        return { ports: request.targets.map(target => ({ ...target, state: state(target.address), error: null })) }
      }
      case 'service':
        if (answers.service?.(hostname) !== false) return serviceReply('active', '', answers.foreign?.(hostname))
        await untilAborted(signal, request.deadline * 1000)
        return serviceReply('timeout', 'it is still starting')
      case 'node': {
        counts.watching += 1
        counts.most = Math.max(counts.most, counts.watching)
        try {
          if (answers.node?.(request.node, hostname) !== false)
            return { ready: true, missing: [], node: memberOf(request.node) }
          await say(`${JSON.stringify({ progress: `${request.node}: waiting for condition Ready` })}\n`)
          await untilAborted(signal, request.deadline * 1000)
          return { ready: false, missing: ['condition Ready'], node: null }
        } finally {
          counts.watching -= 1
        }
      }
    }
  }
  const hosts: HostAccess = {
    cluster: 'demo',
    targets: (answers.leaving ?? []).map(hostname => ({
      hostname,
      address: '10.0.0.9',
      user: 'root',
      port: 22,
      sudo: false,
      jump: [],
    })),
    sshConfig: '/dev/null',
    target: unused,
    async connect() {},
    async run(hostname, { command, stdin, signal, onStdout }): Promise<RemoteResult> {
      if (command.startsWith('cat ')) return { exitCode: 0, stdout: writtenKubeconfig, stderr: '' }
      const reply = await run(
        hostname,
        typeof stdin === 'string' ? Buffer.from(stdin) : (stdin ?? Buffer.of()),
        signal,
        text => onStdout?.(text),
      )
      return { exitCode: 0, stdout: JSON.stringify(reply), stderr: '' }
    },
    forward: unused,
    async close() {},
  }
  const session: Rke2Session = {
    hosts: async () => hosts,
    nodes: async () => answers.nodes ?? [],
    installation: 'i',
    hashKey: '00'.repeat(32),
    adopted: async () => answers.adopted ?? new Map(),
    bootstrap: async () => ({
      state: 'done',
      machine_id: 'machine-1',
      joiner_started: true,
      ca_hash: knownCa,
      etcd_cluster: knownEtcd,
      ...answers.bootstrap,
    }),
    secrets: async () => ({
      token: 't'.repeat(48),
      agent_token: 'a'.repeat(48),
      token_differs: false,
      config: {},
      registry_auth: {},
      vrrp: 'password',
      ...answers.secrets,
    }),
    ownFiles: async () => answers.ownFiles ?? {},
    secret: async name => (name === 'kubeconfig' ? (answers.kubeconfig ?? null) : null),
    seal: (_name, clear) => clear,
    api: (_signal, work) => work(emptyApi),
    kubeconfigIsRefused: async () => answers.kubeconfigIsRefused === true,
    giveUp: unused,
    startPlay() {},
    play: answers.play ?? (async ({ nodes }: NodesPlay) => nodes.map(({ hostname }) => okHost(hostname))),
  }
  const attempt: AttemptContext = {
    signal: stop.signal,
    observations: createObservations(),
    outputsOf: async () => undefined,
    run: 'run-1',
    stage: 'stage',
    attempt: 1,
    fence: { epoch: 1, number: 1 },
    changes: [],
    leftOut: new Set<string>(),
    environment: {},
    log() {},
    async task() {},
    async progress(message, host) {
      progress.push(`${host}: ${message}`)
    },
    async beginHosts(hosts, message) {
      told.push(message)
      changes.push(...hosts.flatMap(host => batch?.begun?.(host) ?? []))
      for (const host of hosts) open.add(host)
    },
    async hostResult(host, outcome, message) {
      told.push(`${host}: ${message ?? outcome}`)
      const isFine = outcome === 'ok' || outcome === 'changed'
      changes.push(...((isFine ? batch?.done?.(host) : batch?.failed?.(host, message ?? outcome)) ?? []))
      open.delete(host)
    },
    finishedHosts: async () => new Set<string>(),
    async record(message, list) {
      told.push(message)
      changes.push(...list)
    },
  }
  /** Binds the attempt to the stage whose batch it settles, as the engine does. */
  const of = <Bound extends Pick<Stage, 'records'>>(stage: Bound): Bound => {
    batch = stage.records?.batch
    return stage
  }
  return { session, attempt, changes, progress, told, counts, stop, open, of }
}

/** As RKE2 writes it. */
const writtenKubeconfig = `apiVersion: v1
clusters: [{ name: default, cluster: { server: 'https://127.0.0.1:6443' } }]
contexts: [{ name: default, context: { cluster: default, user: default } }]
users: [{ name: default, user: {} }]
current-context: default
`

/** Its first server, which answers, and fresh machines. */
const usualFacts = (hostname: string): HostFacts =>
  hostname === 'm1' ? serverFacts(hostname) : machineFacts({ hostname })

/** As the host says it: with the file of the CA instead of its hash. */
const reply = ({ data: { ca_hash, ...data }, ...facts }: HostFacts) => ({
  ...facts,
  data: { ...data, ca: ca_hash === null ? null : (ca_hash === knownCa ? caFile : otherCaFile).toString('base64') },
})
const otherCaFile = Buffer.from('another CA')

export const okHost = (host: string) => ({ host, outcome: 'changed' as const, recap: null, error: null })

const memberOf = (name: string) => ({
  name,
  ready: true,
  kubelet_version: 'v1.34.1+rke2r1',
  roles: [],
  etcd_voter: true,
  labels: {},
  taints: [],
  unschedulable: false,
  addresses: [],
})

/** The arguments of a stage of a cluster with this many servers and agents: `rke2/join:m2`. */
export function argumentsOfStage(key: string, servers: number, agents: number, over: object = {}): StageArguments {
  const node = (name: string, index: number, role: string) => ({
    hostname: `${name}${index + 1}`,
    internal_ip: `10.${role === 'worker' ? 1 : 0}.${index >> 8}.${index & 255}`,
    role,
  })
  const spec = rke2Spec.parse({
    distribution: 'rke2',
    version: 'v1.34.1+rke2r1',
    nodes: [
      ...Array.from({ length: servers }, (_, index) => node('m', index, index === 0 ? 'initial_master' : 'master')),
      ...Array.from({ length: agents }, (_, index) => node('w', index, 'worker')),
    ],
    ...over,
  })
  const request = installPipeline({ name: 'demo', spec, accepted: [] }).find(stage => stage.key === key)
  return stageArguments.parse(request?.arguments)
}

const serviceReply = (state: string, reason: string, foreign = false) => ({
  state,
  reason,
  restarts: 0,
  journal: [],
  said: { kind: 'none', text: '' },
  ca: (foreign ? otherCaFile : caFile).toString('base64'),
})

/** The API of a cluster that has nothing. */
export const emptyApi: ClusterClient = {
  get: async () => null,
  async *list() {},
  snapshot: unused,
  watch: unused,
  create: unused,
  apply: unused,
  patch: unused,
  remove: unused,
  evict: unused,
  ready: unused,
  kinds: async () => [],
  version: unused,
  close: async () => {},
}

function unused(): never {
  throw new Error('no test asks for this')
}
