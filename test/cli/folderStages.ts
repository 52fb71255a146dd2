import { existsSync } from 'node:fs'
import { appendFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as after } from 'node:timers/promises'
import { z } from 'zod'
import { clusterSecretPurpose } from '../../src/store/clusters.ts'
import { createRegistry } from '../../src/engine/contract/registry.ts'
import { bindStage, type StageKind, type StageRequest, type Unmet } from '../../src/engine/contract/stage.ts'
import { nothingLearnt } from '../../src/clusters/learnt.ts'
import type { Distribution, LookedHost } from '../../src/distributions/contract.ts'
import { createDistributions } from '../../src/distributions/distributions.ts'
import { pipelineOf } from '../../src/distributions/pipeline.ts'
import { rke2 } from '../../src/distributions/rke2/index.ts'
import type { Rke2Spec } from '../../src/distributions/rke2/spec/spec.ts'
import { judgeSnapshots } from '../../src/distributions/rke2/snapshotJudgement.ts'
import { snapshotSettings } from '../../src/distributions/rke2/snapshots.ts'
import { SlipwayError } from '../../src/domain/errors.ts'
import type { ServerSnapshots } from '../../src/domain/snapshots.ts'
import type { Node } from '../../src/kubernetes/resources.ts'
import { parseKnownHosts } from '../../src/hosts/hostKeys.ts'
import type { Sealer } from '../../src/secrets/seal.ts'
import { listHostKeys } from '../../src/store/hostKeys.ts'
import type { StagesOf } from '../../src/server/stages.ts'

/**
 * Stages whose machines are folders, for tests of everything around the stages. A machine has its version in a file
 * `version`, and misbehaves as files in its folder say: `finding` and `warning` (preflight), `hold` and `hold-look` (the
 * work, or the look, waits until the file is gone), `fail` (the work fails while it is there), `lines` (how much it writes to the log), `drift`.
 * A file `snapshot` is the one it has taken (its content is the name, it is an hour old), with `off` it does not answer.
 * A file `CLUSTER.key` in the world holds the key that machine m1 shows (base64).
 */
const machineArguments = z.object({ cluster: z.string(), hostname: z.string(), version: z.string() })

const world = (): string => process.env['SLIPWAY_TEST_WORLD'] ?? ''
const fileOf = (hostname: string, name: string): string => join(world(), hostname, name)
const readIf = (path: string): Promise<string | null> => readFile(path, 'utf8').catch(() => null)

const machineKind: StageKind = {
  kind: 'test/machine',
  bind({ arguments: raw }) {
    const { hostname, version } = machineArguments.parse(raw)
    return bindStage({
      timeout: 600_000,
      touches: [`machine/${hostname}`],
      hosts: [hostname],
      records: {
        started: [{ type: 'node', hostname, event: 'install' }],
        completed: [{ type: 'node', hostname, event: 'ready', installed_version: version }],
        failed: error => [{ type: 'node', hostname, event: 'fail', error: error.message }],
      },
      observe: async ({ signal }) => ({
        held: await released(fileOf(hostname, 'hold-look'), signal),
        version: await readIf(fileOf(hostname, 'version')),
        drift: existsSync(fileOf(hostname, 'drift')),
        finding: await readIf(fileOf(hostname, 'finding')),
        warning: await readIf(fileOf(hostname, 'warning')),
      }),
      checkPrerequisites: ({ finding, warning }) => [
        ...(finding === null ? [] : [unmet('disk-full', 'error', hostname, finding)]),
        ...(warning === null ? [] : [unmet('swap-on', 'warning', hostname, warning)]),
      ],
      shouldRun(seen) {
        const drift = { effect: 'restart' as const, target: `node/${hostname}/service`, summary: 'restart it' }
        const install = { effect: 'create' as const, target: `node/${hostname}`, summary: `install ${version}` }
        const changes = [...(seen.version === version ? [] : [install]), ...(seen.drift ? [drift] : [])]
        if (changes.length === 0) return { kind: 'skip', reason: `${hostname} is at ${version}` }
        const facts = { version: seen.version }
        return { kind: 'run', reason: `${hostname} is at ${seen.version ?? 'nothing'}`, changes, facts }
      },
      async execute(context) {
        await appendFile(join(world(), 'executed'), `${hostname}\n`)
        await context.progress(`working on ${hostname}`, hostname)
        const lines = Number((await readIf(fileOf(hostname, 'lines'))) ?? 3)
        for (let line = 0; line < lines; line += 1000) {
          const count = Math.min(1000, lines - line)
          const text = Array.from({ length: count }, (_, index) => `${hostname} says line ${line + index + 1}\n`)
          await context.log(text.join(''))
        }
        await released(fileOf(hostname, 'hold'), context.signal)
        if (existsSync(fileOf(hostname, 'fail'))) throw new Error(`${hostname} failed as it was told`)
        await mkdir(join(world(), hostname), { recursive: true })
        await writeFile(fileOf(hostname, 'version'), version)
        await context.hostResult(hostname, 'changed', 'installed')
      },
      waitForReady: async () => {},
    })
  },
}

/** Waits until a file is gone; leaves word that it does. */
async function released(file: string, signal: AbortSignal): Promise<void> {
  if (existsSync(file)) await writeFile(`${file}-seen`, '')
  while (existsSync(file)) await after(20, undefined, { signal })
}

const unmet = (name: Unmet['name'], severity: Unmet['severity'], hostname: string, message: string): Unmet => ({
  name,
  severity,
  about: `node ${hostname}`,
  message: message.trim(),
  remedy: 'Fix it.',
})

/** A machine that leaves: it has no version any more. */
const leaveKind: StageKind = {
  kind: 'test/leave',
  bind({ arguments: raw }) {
    const { hostname } = z.object({ hostname: z.string() }).parse(raw)
    return bindStage({
      timeout: 10_000,
      touches: [`machine/${hostname}`],
      hosts: [hostname],
      records: {
        started: [{ type: 'node', hostname, event: 'drain' }],
        completed: [{ type: 'node', hostname, event: 'remove' }],
      },
      observe: async () => null,
      checkPrerequisites: () => [],
      shouldRun: () => ({
        kind: 'run',
        reason: `${hostname} is to leave`,
        changes: [{ effect: 'delete', target: `node/${hostname}`, summary: 'empty the folder' }],
      }),
      async execute({ signal, progress }) {
        await progress(`working on ${hostname}`, hostname)
        if (existsSync(fileOf(hostname, 'fail'))) throw new Error(`${hostname} failed as it was told`)
        await released(fileOf(hostname, 'hold'), signal)
        await rm(fileOf(hostname, 'version'), { force: true })
      },
      waitForReady: async () => {},
    })
  },
}

const finishKind = (sealer: Sealer): StageKind => ({
  kind: 'test/finish',
  bind({ arguments: raw }) {
    const { cluster } = z.object({ cluster: z.string() }).parse(raw)
    return bindStage({
      timeout: 10_000,
      touches: [],
      observe: async () => ({ finished: existsSync(join(world(), `${cluster}.finished`)) }),
      checkPrerequisites: () => [],
      shouldRun: ({ finished }) =>
        finished
          ? { kind: 'skip', reason: 'the kubeconfig is kept' }
          : {
              kind: 'run',
              reason: 'there is no kubeconfig',
              changes: [{ effect: 'create', target: 'cluster/kubeconfig', summary: 'keep the kubeconfig' }],
            },
      async execute(context) {
        const value = sealer.seal(clusterSecretPurpose(cluster, 'kubeconfig'), `kind: Config # of ${cluster}\n`)
        await context.record('kept the kubeconfig', [{ type: 'cluster-secret', name: 'kubeconfig', value }])
        await writeFile(join(world(), `${cluster}.finished`), '')
      },
      waitForReady: async () => {},
    })
  },
})

const readyNode = (name: string): Node => ({
  metadata: { name, uid: name, resourceVersion: '1' },
  spec: {},
  status: { conditions: [{ type: 'Ready', status: 'True' }] },
})

async function seenMachine(hostname: string): Promise<LookedHost> {
  if (existsSync(fileOf(hostname, 'off')))
    return { hostname, host: null, error: new SlipwayError('host-unreachable', `${hostname} is off`) }
  const version = await readIf(fileOf(hostname, 'version'))
  const service = { unit: 'rke2-server', active: 'active', enabled: true, since: '', restart_pending: false }
  return { hostname, host: { seen_at: '2026-11-28T12:00:05Z', version, service, certificate: null }, error: null }
}

async function seenSnapshots(hostname: string, folder: string): Promise<ServerSnapshots> {
  const look = { hostname, folder, newest: null, count: 0, error: null }
  if (existsSync(fileOf(hostname, 'off'))) {
    const error = { code: 'host-unreachable' as const, message: `${hostname} is off`, remedy: 'Switch it on.' }
    return { ...look, folder_state: null, error }
  }
  const name = await readIf(fileOf(hostname, 'snapshot'))
  if (name === null) return { ...look, folder_state: 'missing' }
  const newest = { name, size: 4096, taken: '2026-11-28T12:00:05Z', age_s: 3600 }
  return { ...look, folder_state: 'present', newest, count: 1 }
}

/** Clusters whose machines are folders: the rules over their files are the ones of RKE2. */
const folders = (sealer: Sealer): Distribution<Rke2Spec> => ({
  ...rke2,
  stages: () => [machineKind, leaveKind, finishKind(sealer)],
  operations: {
    apply(context) {
      const { cluster, desired, remove } = context
      const machines = desired.nodes.map(
        ({ hostname }): StageRequest => ({
          kind: 'test/machine',
          key: `test/machine:${hostname}`,
          title: `Install ${hostname}`,
          needs: [],
          arguments: { cluster, hostname, version: desired.version },
        }),
      )
      const finish: StageRequest = {
        kind: 'test/finish',
        key: 'test/finish',
        title: 'Keep the kubeconfig',
        needs: machines.map(({ key }) => ({ stage: key })),
        arguments: { cluster },
      }
      const leaving = (remove?.nodes ?? []).map(
        (hostname): StageRequest => ({
          kind: 'test/leave',
          key: `test/leave:${hostname}`,
          title: `Take ${hostname} out`,
          needs: [{ stage: finish.key }],
          arguments: { hostname },
        }),
      )
      return { stages: [...machines, finish, ...leaving], findings: rke2.operations.apply?.(context).findings ?? [] }
    },
  },
})

export const folderStagesOf: StagesOf = ({ sealer, store }) => {
  const distribution = folders(sealer)
  const registry = createRegistry(distribution.stages(noSession))
  return {
    distributions: createDistributions([distribution]),
    registry,
    planning: {
      async open({ desired, operation }, recorded) {
        const { name: cluster } = desired.metadata
        const context = { cluster, desired: desired.spec, recorded, accepted: [] }
        return {
          ...pipelineOf(distribution, operation, context),
          registry,
          async learnt() {
            const key = await readIf(join(world(), `${cluster}.key`))
            const kept = await listHostKeys(store.database, cluster)
            const isNew = key !== null && !kept.some(({ key_lines }) => key_lines.includes(key.trim()))
            return { ...nothingLearnt, hostKeys: isNew ? parseKnownHosts(`m1 ssh-ed25519 ${key.trim()}\n`) : [] }
          },
          look: async nodes => ({
            hosts: await Promise.all(nodes.map(({ hostname }) => seenMachine(hostname))),
            etcd: null,
            findings: [],
            api: { nodes: nodes.map(({ hostname }) => readyNode(hostname)), error: null },
          }),
          leftovers: async () => [],
          close: async () => {},
        }
      },
    },
    lookAtCluster: () => Promise.reject(new Error('there is no cluster to look at')),
    machines: { session: noMachine, draft: noMachine, workspaces: async () => null },
    async findSnapshots({ spec }, servers) {
      const looks = await Promise.all(
        servers.map(async hostname => {
          const settings = snapshotSettings(spec, {})
          return { settings, seen: await seenSnapshots(hostname, settings.folder) }
        }),
      )
      return { off: false, servers: looks.map(({ seen }) => seen), ...judgeSnapshots(looks) }
    },
    onTakeover: async () => {},
    close: async () => {},
  }
}

function noMachine(): never {
  throw new Error('there are no machines')
}

function noSession(): never {
  throw new Error('a folder needs no session')
}
