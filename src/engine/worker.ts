import { randomUUID } from 'node:crypto'
import { atMost } from './atMost.ts'
import { executeRun } from './executeRun.ts'
import { defaultLimits, type EngineLimits, type EnginePorts } from './ports.ts'
import type { Lease } from './records.ts'
import { Stopped } from './stopping.ts'
import { identifyWorker, isDead } from './workerIdentity.ts'

export interface WorkerOptions extends EnginePorts {
  /** Unique a start; children carry it in `SLIPWAY_WORKER`. Default: process id and a random part. */
  readonly id?: string
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
  readonly lease: Lease
  stop(reason: Stopped['reason']): void
  readonly ended: Promise<void>
}

/** Claims runs and executes them, until it is stopped. */
export function startWorker(options: WorkerOptions): RunningWorker {
  const limits: EngineLimits = { ...defaultLimits, ...options.limits }
  const { records } = options
  const self = identifyWorker(options.id ?? `${process.pid}-${randomUUID()}`)
  const slot = atMost(limits.stagesAtOnce)
  const executions = new Map<string, Execution>()
  const state = { stopping: false, claimAgain: false }
  let claiming: Promise<void> | null = null
  const report = (message: string, fields: Record<string, unknown> = {}): void =>
    options.report?.(message, { worker: self.id, ...fields })

  const begin = (run: string, lease: Lease): void => {
    const stop = new AbortController()
    const lost = new AbortController()
    const lose = (): void => {
      stop.abort(new Stopped('lease-lost'))
      lost.abort(new Stopped('lease-lost'))
    }
    const work = { run, held: { lease, lost: lost.signal, lose }, signal: stop.signal, ports: options, limits, slot }
    const ended = (async () => {
      try {
        await executeRun(work)
        // After a cancel or an end the lease went back with the last write; after a stop it goes back here.
        await records.release(lease)
      } catch (error) {
        // The lease runs out by itself; then the run is taken over.
        report('run left', { run, error })
      }
      executions.delete(run)
      claim()
    })()
    executions.set(run, {
      lease,
      stop: reason => (reason === 'lease-lost' ? lose() : stop.abort(new Stopped(reason))),
      ended,
    })
    report('run claimed', { run, fence: `${lease.epoch}.${lease.number}` })
    void checkCancel(run)
  }

  /** Owners that are proven dead: their children are ended before their runs are claimed. */
  const findDead = async (): Promise<string[]> => {
    const { owners } = await records.otherOwners(self.id)
    const dead = owners.filter(owner => records.exclusive || isDead(owner))
    for (const owner of dead) await options.children.end({ worker: owner.id })
    return dead.map(owner => owner.id)
  }
  const claimAll = async (): Promise<void> => {
    const dead = await findDead()
    while (!state.stopping && executions.size < limits.runsAtOnce) {
      const claimed = await records.claim(self, limits.leaseTime, dead)
      if (!claimed) return
      begin(claimed.run, claimed.lease)
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

  const stopWatching = watchLeases()
  const offWork = records.onWork(run => {
    claim()
    for (const id of run === null ? executions.keys() : [run]) void checkCancel(id)
  })
  const poll = setInterval(() => {
    claim()
    for (const id of executions.keys()) void checkCancel(id)
  }, limits.poll)
  claim()

  async function checkCancel(run: string): Promise<void> {
    const execution = executions.get(run)
    if (!execution) return
    const record = await records.readRun(run).catch(() => null)
    if (record?.cancel_requested) execution.stop('cancelled')
  }

  const loseAll = (): void => {
    for (const execution of executions.values()) execution.stop('lease-lost')
  }

  /** Renews all leases at once, and gives up in time when that does not succeed. */
  function watchLeases(): () => void {
    let renewed = performance.now()
    const renew = async (): Promise<void> => {
      if (executions.size === 0) {
        renewed = performance.now()
        return
      }
      const asked = performance.now()
      const before = [...executions]
      const kept = await records.renew(
        before.map(([, { lease }]) => lease),
        limits.leaseTime,
      )
      renewed = Math.max(renewed, asked)
      const held = new Set(kept.map(lease => `${lease.subject} ${lease.epoch}.${lease.number}`))
      for (const [run, { lease, stop }] of before)
        if (executions.has(run) && !held.has(`${lease.subject} ${lease.epoch}.${lease.number}`)) stop('lease-lost')
    }
    const timer = setInterval(() => {
      renew().catch((error: unknown) => report('leases not renewed', { error }))
    }, limits.leaseTime / 6)
    const watch = setInterval(() => {
      if (executions.size > 0 && performance.now() - renewed > limits.leaseTime - limits.leaseMargin) loseAll()
    }, limits.leaseTime / 24)
    return () => {
      clearInterval(timer)
      clearInterval(watch)
    }
  }

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
      const under = [...executions.values()]
      for (const execution of under) execution.stop('worker-stops')
      await Promise.all(under.map(execution => execution.ended))
      stopWatching()
    },
  }
}
