import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { type LabOperators, startOperators } from '../../lab/operators/operators.ts'
import { createRegistry } from '../../src/engine/contract/registry.ts'
import type { StageRequest } from '../../src/engine/contract/stage.ts'
import { approveRun, createRun, resumeRun } from '../../src/engine/run/requests.ts'
import { plan } from '../../src/engine/plan/planner.ts'
import { clusterSubject } from '../../src/domain/subject.ts'
import { kubeconfigText } from '../../src/kubernetes/kubeconfigText.ts'
import { platformStages } from '../../src/platform/pipeline.ts'
import { platformStageKinds } from '../../src/platform/stages.ts'
import type { Store } from '../../src/store/openStore.ts'
import { builtProgram } from '../builtProgram.ts'
import { type FaultyPlane, startFaultyPlane } from '../kubernetes/faultyPlane.ts'
import { type Asked, type Fault, status } from '../kubernetes/faultyProxy.ts'
import { startFaultyPostgres } from '../postgres/faultyPostgres.ts'
import { processesMarked } from '../processes.ts'
import type { TestDatabase } from '../store/databases.ts'
import type { PostgresServer } from '../store/postgres.ts'
import { applyDesiredState } from '../store/applyDesiredState.ts'
import { temporaryFolder } from '../store/temporaryFolder.ts'
import { type BehindPgo, behindPgo } from './behindPgo.ts'
import { benchSession, chartIn, desired } from './benchSession.ts'
import { makeRoom, platformWithData, writeCharts } from './fullPlatform.ts'
import { helm } from './packedChart.ts'

/** What befalls one write to the API, of Slipway or of its Helm, or one to a database. */
export interface Strike {
  /** Who does not survive it; `answer`: the server says that it failed, or, afterwards, nothing at all. */
  readonly victim: 'worker' | 'helm' | 'answer'
  /** Of the effect of the write. */
  readonly side: 'before' | 'after'
}

/** The platform on a real API server, installed by worker processes over which it strikes. */
export interface FaultyRuns extends AsyncDisposable {
  readonly faulty: FaultyPlane
  readonly operators: LabOperators
  readonly behind: BehindPgo
  /** Where its charts are. */
  readonly folder: string
  /** What a plan would do now, by stage. @param requests default: all of the platform. */
  planned(requests?: readonly StageRequest[]): ReturnType<typeof plan>
  /**
   * Has it made by one run, which is gone on with until it has completed.
   * @param strikeAt asked for each write, by its name.
   * @param between told after each worker that has ended.
   */
  untilCompleted(
    strikeAt: (write: string) => Strike | null,
    between: () => void,
    requests?: readonly StageRequest[],
  ): Promise<Told>
}

/** How often the run had to be helped on. */
export interface Told {
  readonly strikes: readonly string[]
  resumed: number
  approved: number
}

/** `PATCH /apis/apps/v1/namespaces/shop/deployments/shop of helm`; null for what changes nothing. */
function writeOf({ method, path }: Asked): string | null {
  const { pathname, searchParams } = new URL(path, 'https://api.test')
  if (method === 'GET' || searchParams.has('dryRun')) return null
  const manager = searchParams.get('fieldManager')
  return `${method} ${pathname}${manager === null ? '' : ` of ${manager}`}`
}

/** `SQL CREATE DATABASE "shop" OWNER "shop_owner"`; null for what changes nothing. */
function changeOf(statement: string): string | null {
  const [text = ''] = statement.trim().split(/ PASSWORD |\n/)
  return /^(?:CREATE|ALTER|GRANT|INSERT|UPDATE|DELETE|DROP|COMMIT)\b/.test(text) ? `SQL ${text}` : null
}

/** @param database of Slipway. @param server behind the pods of PGO. */
export async function openFaultyRuns(database: TestDatabase, server: PostgresServer): Promise<FaultyRuns> {
  await using begun = new AsyncDisposableStack()
  const behind = await behindPgo(server)
  const postgres = begun.use(await startFaultyPostgres(server.port))
  const faulty = begun.use(
    await startFaultyPlane('controllers', 'scheduler', 'kwok', { forward: { 5432: postgres.port } }),
  )
  makeRoom(faulty.plane)
  const folder = join(faulty.plane.folder, 'charts')
  writeCharts(folder)
  const operators = begun.use(await startOperators({ kubeconfig: faulty.plane.kubeconfig, database: behind.database }))
  const directory = temporaryFolder('memory')
  const store = begun.adopt(await database.open(), one => one.close())
  await applyDesiredState(store.database, desired)

  const kubeconfig = kubeconfigText(faulty.proxy.access, 'proxy')
  const registry = () =>
    createRegistry(
      platformStageKinds({
        sessionOf: () =>
          benchSession({
            secret: async () => kubeconfig,
            hosts: () => Promise.reject(new Error('no server is needed')),
            platform: platformWithData,
            openFile: chartIn(folder),
            directory,
            environment: {},
          }),
        helm: async () => helm,
      }),
    )
  const planned = async (requests: readonly StageRequest[] = platformStages('demo', platformWithData, [])) =>
    plan(requests, registry(), {
      subject: clusterSubject('demo'),
      desiredVersion: (await store.records.desiredVersion(clusterSubject('demo'))) ?? 0,
      signal: AbortSignal.timeout(60_000),
    })
  const startWorker = (run: string) => {
    const { location } = database
    const given = { location, run, kubeconfig, folder, directory, platform: platformWithData }
    const child = spawn(process.execPath, [builtProgram('platformWorker.js'), JSON.stringify(given)], {
      stdio: ['ignore', 'inherit', 'inherit'],
    })
    return { child, ended: once(child, 'exit') }
  }

  const untilCompleted: FaultyRuns['untilCompleted'] = async (strikeAt, between, requests) => {
    const strikes: string[] = []
    const told: Told = { strikes, resumed: 0, approved: 0 }
    const run = await createRun(store.records, await planned(requests), { by: 'test' })
    let worker: ReturnType<typeof startWorker> | null = null
    const struck = (write: string | null) => {
      const strike = write === null ? null : strikeAt(write)
      if (!strike) return undefined
      strikes.push(`${strike.victim} ${strike.side} ${write}`)
      const kill = () => {
        if (strike.victim === 'worker') worker?.child.kill('SIGKILL')
        if (strike.victim === 'helm')
          for (const pid of processesMarked(`SLIPWAY_ATTEMPT=${run}/`, helm.path)) process.kill(pid, 'SIGKILL')
      }
      return { strike, kill }
    }
    faulty.proxy.faultOf = request => faultOf(struck(writeOf(request)))
    postgres.faultOf = statement => {
      const found = struck(changeOf(statement))
      if (!found) return undefined
      const lose = () => {
        found.kill()
        // kwok tells nobody that the other end of a port is gone; kubelets do.
        faulty.proxy.cutPorts()
      }
      if (found.strike.side === 'after') return { done: lose }
      lose()
      return 'reset'
    }
    try {
      for (;;) {
        worker = startWorker(run)
        const [code, signal] = await worker.ended
        if (signal === null && code !== 0) throw new Error(`the worker ended with ${code}`)
        between()
        if (await isOver(store, run, told)) return told
      }
    } finally {
      worker?.child.kill('SIGKILL')
      faulty.proxy.faultOf = () => undefined
      postgres.faultOf = () => undefined
    }
  }

  /** Whether a run has completed; one that has stopped is told to go on. */
  const isOver = async ({ records }: Store, run: string, told: Told): Promise<boolean> => {
    const { status: now, pending_hash: hash } = await records.readRun(run)
    if (now === 'failed') {
      told.resumed += 1
      await resumeRun(records, registry(), run, { by: 'test' })
    }
    if (now === 'awaiting_approval' && hash !== null) {
      told.approved += 1
      await approveRun(records, run, { by: 'test', hash })
    }
    return now === 'completed'
  }

  const all = begun.move()
  return { faulty, operators, behind, folder, planned, untilCompleted, [Symbol.asyncDispose]: () => all.disposeAsync() }
}

interface Struck {
  readonly strike: Strike
  kill(): void
}

function faultOf(struck: Struck | undefined): Fault | undefined {
  if (!struck) return undefined
  const { strike, kill } = struck
  if (strike.side === 'after') return { done: kill }
  kill()
  if (strike.victim !== 'answer') return 'reset'
  return { status: 500, body: status(500, 'InternalError', 'etcdserver: leader changed') }
}
