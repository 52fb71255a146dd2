/** Why work is stopped from outside. `cancelled` is written into the run; after the others it is left to the next worker. */
export type StopReason = 'cancelled' | 'lease-lost' | 'worker-stops'

export class Stopped extends Error {
  readonly reason: StopReason

  constructor(reason: StopReason) {
    super(
      {
        cancelled: 'the run is being cancelled',
        'lease-lost': 'this worker no longer holds the lease',
        'worker-stops': 'this worker is being stopped',
      }[reason],
    )
    this.name = 'Stopped'
    this.reason = reason
  }
}

export const stopReason = (signal: AbortSignal): StopReason | null =>
  signal.aborted && signal.reason instanceof Stopped ? signal.reason.reason : null
