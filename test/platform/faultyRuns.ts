import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { type LabOperators, startOperators } from '../../lab/operators/operators.ts'
import { createRegistry } from '../../src/engine/contract/registry.ts'
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
import { processesMarked } from '../processes.ts'
import type { TestDatabase } from '../store/databases.ts'
import { applyDesiredState } from '../store/applyDesiredState.ts'
import { temporaryFolder } from '../store/temporaryFolder.ts'
import { benchSession, chartIn, desired } from './benchSession.ts'
import { fullPlatform, makeRoom, writeCharts } from './fullPlatform.ts'
import { helm } from './packedChart.ts'

/** What befalls one write to the API, of Slipway or of its Helm. */
export interface Strike {
  /** Who does not survive it; `answer`: the API server answers 500, or, afterwards, not at all. */
  readonly victim: 'worker' | 'helm' | 'answer'
  /** Of the effect of the write. */
  readonly side: 'before' | 'after'
}

/** The platform on a real API server, installed by worker processes over which it strikes. */
export interface FaultyRuns extends AsyncDisposable {
  readonly faulty: FaultyPlane
  readonly operators: LabOperators
  /** What a plan would do now, by stage. */
  planned(): ReturnType<typeof plan>
  /**
   * Has the platform made by one run, which is gone on with until it has completed.
   * @param strikeAt asked for each write, by its name.
   * @param between told after each worker that has ended.
   */
  untilCompleted(strikeAt: (write: string) => Strike | null, between: () => void): Promise<Told>
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

export async function openFaultyRuns(database: TestDatabase & { readonly location: object }): Promise<FaultyRuns> {
  await using begun = new AsyncDisposableStack()
  const faulty = begun.use(await startFaultyPlane('controllers', 'scheduler', 'kwok'))
  makeRoom(faulty.plane)
  const folder = join(faulty.plane.folder, 'charts')
  writeCharts(folder)
  const operators = begun.use(await startOperators({ kubeconfig: faulty.plane.kubeconfig }))
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
            platform: fullPlatform,
            openFile: chartIn(folder),
            directory,
            environment: {},
          }),
        helm: async () => helm,
      }),
    )
  const planned = async () =>
    plan(platformStages('demo', fullPlatform, []), registry(), {
      subject: clusterSubject('demo'),
      desiredVersion: (await store.records.desiredVersion(clusterSubject('demo'))) ?? 0,
      signal: AbortSignal.timeout(60_000),
    })
  const startWorker = (run: string) => {
    const { location } = database
    const given = { location, run, kubeconfig, folder, directory, platform: fullPlatform }
    const child = spawn(process.execPath, [builtProgram('platformWorker.js'), JSON.stringify(given)], {
      stdio: ['ignore', 'inherit', 'inherit'],
    })
    return { child, ended: once(child, 'exit') }
  }

  const untilCompleted: FaultyRuns['untilCompleted'] = async (strikeAt, between) => {
    const strikes: string[] = []
    const told: Told = { strikes, resumed: 0, approved: 0 }
    const run = await createRun(store.records, await planned(), { by: 'test' })
    let worker: ReturnType<typeof startWorker> | null = null
    faulty.proxy.faultOf = request => {
      const write = writeOf(request)
      const strike = write === null ? null : strikeAt(write)
      if (!strike) return undefined
      strikes.push(`${strike.victim} ${strike.side} ${write}`)
      const kill = () => {
        if (strike.victim === 'worker') worker?.child.kill('SIGKILL')
        if (strike.victim === 'helm')
          for (const pid of processesMarked(`SLIPWAY_ATTEMPT=${run}/`, helm.path)) process.kill(pid, 'SIGKILL')
      }
      return faultOf(strike, kill)
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
  return { faulty, operators, planned, untilCompleted, [Symbol.asyncDispose]: () => all.disposeAsync() }
}

function faultOf({ victim, side }: Strike, kill: () => void): Fault {
  if (side === 'after') return { done: kill }
  kill()
  if (victim !== 'answer') return 'reset'
  return { status: 500, body: status(500, 'InternalError', 'etcdserver: leader changed') }
}
