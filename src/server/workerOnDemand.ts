import type { RunningWorker } from '../engine/worker/worker.ts'

export interface WorkerOnDemand {
  /** Begins to work, unless that was done before, or the end has come. */
  want(): void
  readonly isWanted: boolean
  stop(): Promise<void>
}

/** A command that only looks must not begin to execute what it finds. */
export function workerOnDemand(begin: () => Pick<RunningWorker, 'stop'>): WorkerOnDemand {
  let running: Pick<RunningWorker, 'stop'> | null = null
  let stopped = false
  return {
    want() {
      // The server answers its last requests while it ends: what they want is left to the next one.
      if (!stopped) running ??= begin()
    },
    get isWanted() {
      return running !== null
    },
    async stop() {
      stopped = true
      await running?.stop()
    },
  }
}
