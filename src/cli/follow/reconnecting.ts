import { setTimeout as after } from 'node:timers/promises'
import { SlipwayError } from '../../domain/errors.ts'

/** How long a server that was lost is looked for, ms; it may be starting again. */
const patience = 60_000
/** A connection that held for this long ends an outage, even when nothing came over it, ms. */
const steady = 5_000

export interface Reconnecting<Item> {
  /** Opens the stream behind what was seen. */
  open(): Promise<AsyncIterable<Item>>
  /** Asked when a stream ended in good order: whether that was all. */
  isComplete(): Promise<boolean>
  readonly signal: AbortSignal
  /** Told once when the connection is lost. */
  onLost(): void
}

/** Items of a stream over any number of connections. @throws SlipwayError `server-unreachable` after a minute without one. */
export async function* reconnecting<Item>(source: Reconnecting<Item>): AsyncGenerator<Item> {
  let lostAt: number | null = null
  while (!source.signal.aborted) {
    let openedAt: number | null = null
    try {
      const items = await source.open()
      openedAt = performance.now()
      for await (const item of items) {
        lostAt = null
        yield item
      }
      if (await source.isComplete()) return
    } catch (error) {
      if (source.signal.aborted) return
      if (!isLost(error)) throw error
      if (openedAt !== null && performance.now() - openedAt > steady) lostAt = null
      lostAt ??= begin(source)
      if (performance.now() - lostAt > patience) throw lost(error)
      await after(300, undefined, { signal: source.signal }).catch(() => {})
    }
  }
}

function begin(source: { onLost(): void }): number {
  source.onLost()
  return performance.now()
}

const isLost = (error: unknown): boolean => error instanceof SlipwayError && error.code === 'server-unreachable'

const lost = (cause: unknown): SlipwayError =>
  new SlipwayError('server-unreachable', 'the server was lost and has not come back', {
    cause,
    remedy: 'A run goes on when its server is started again; follow it with `slipway logs -f`.',
  })
