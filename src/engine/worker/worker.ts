import { atMost } from '../plan/atMost.ts'
import { executeRun } from '../run/executeRun.ts'
import { defaultLimits, type EngineLimits, type EnginePorts } from '../contract/ports.ts'
import { holdSubject } from './holdSubject.ts'
import { type WatchedLease, watchLeases } from './leaseWatch.ts'
import type { Lease, Worker } from '../contract/records.ts'
import { Stopped } from '../contract/stopping.ts'

export interface WorkerOptions extends EnginePorts {
  /** This process; its id is unique a start, and its children carry it in `SLIPWAY_WORKER`. */
  readonly self: Worker
  /** Whether another worker's process is provably gone; false when nothing can be said. */
  isDead(worker: Worker): boolean
  readonly limits?: Partial<EngineLimits>
}

export interface RunningWorker {
  readonly id: string
  /** Number of runs that are being executed here. */
  readonly executing: number
  /** Ends what runs here (the runs stay `running`, the next worker goes on at once), and gives the leases back. */
  stop(): Promise<void>
}

interface Execution {
  readonly run: string
  readonly lease: Lease
  givenBack: boolean
  prolonged: number
  lose(): void
  stop(reason: 'cancelled' | 'worker-stops'): void
}

/** Claims runs and executes them, until it is stopped. */
export function startWorker(options: WorkerOptions): RunningWorker {
  const limits: EngineLimits = { ...defaultLimits, ...options.limits }
  const { records, self } = options
  const slot = atMost(limits.stagesAtOnce)
  const executions = new Set<Execution>()
  const watched = new Set<WatchedLease>()
  const endings = new Set<Promise<void>>()
  const state = { stopping: false, claimAgain: false }
  let claiming: Promise<void> | null = null
  const report = (message: string, fields: Record<string, unknown> = {}): void =>
    options.report?.(message, { worker: self.id, ...fields })

  const begin = (run: string, lease: Lease, prolonged: number): void => {
    const stop = new AbortController()
    const lost = new AbortController()
    const execution: Execution = {
      run,
      lease,
      givenBack: false,
      prolonged,
      stop: reason => stop.abort(new Stopped(reason)),
      lose: () => {
        stop.abort(new Stopped('lease-lost'))
        lost.abort(new Stopped('lease-lost'))
      },
    }
    const giveBack = (): void => {
      execution.givenBack = true
    }
    const held = { lease, lost: lost.signal, lose: execution.lose, giveBack }
    executions.add(execution)
    watched.add(execution)
    report('run claimed', { run, fence: `${lease.epoch}.${lease.number}` })
    const { leaseTime, poll } = limits
    const hold = { records, self, findDead, leaseTime, poll, watched, lose: execution.lose }
    const ending = executeRun({
      run,
      held,
      signal: stop.signal,
      ports: options,
      limits,
      slot,
      hold: (subject, signal, waits) => holdSubject(hold, subject, signal, waits),
    })
      // After an end or a pause the lease went back with the last write; after a stop it goes back here.
      .then(() => records.release(lease))
      // It runs out by itself; then the run is taken over.
      .catch((error: unknown) => report('run left', { run, error }))
      .finally(() => {
        executions.delete(execution)
        watched.delete(execution)
        endings.delete(ending)
        claim()
      })
    endings.add(ending)
  }

  /** Owners that are proven dead: their children are ended before their runs are claimed. */
  const findDead = async (): Promise<string[]> => {
    const owners = await records.otherOwners(self.id)
    const dead = owners.filter(owner => records.exclusive || options.isDead(owner))
    for (const owner of dead) await options.children.end({ worker: owner.id })
    return dead.map(owner => owner.id)
  }
  const claimAll = async (): Promise<void> => {
    const dead = await findDead()
    while (!state.stopping && executions.size < limits.runsAtOnce) {
      const asked = performance.now()
      const claimed = await records.claim(self, limits.leaseTime, dead)
      if (!claimed) return
      begin(claimed.run, claimed.lease, asked)
    }
  }
  const claim = (): void => {
    state.claimAgain = true
    claiming ??= (async () => {
      while (state.claimAgain && !state.stopping) {
        state.claimAgain = false
        await claimAll().catch((error: unknown) => report('no runs claimed', { error }))
      }
      claiming = null
    })()
  }

  const checkCancel = async (execution: Execution): Promise<void> => {
    const record = await records.readRun(execution.run).catch(() => null)
    if (record?.cancel_requested) execution.stop('cancelled')
  }
  const checkAll = (run: string | null): void => {
    for (const execution of executions) if (run === null || run === execution.run) void checkCancel(execution)
  }
  const stopWatching = watchLeases(records, watched, limits, error => report('leases not prolonged', { error }))
  const offWork = records.onWork(run => {
    claim()
    checkAll(run)
  })
  const poll = setInterval(() => {
    claim()
    checkAll(null)
  }, limits.poll)
  claim()

  return {
    id: self.id,
    get executing() {
      return executions.size
    },
    async stop() {
      state.stopping = true
      clearInterval(poll)
      offWork()
      await claiming
      for (const execution of executions) execution.stop('worker-stops')
      await Promise.all(endings)
      stopWatching()
    },
  }
}
