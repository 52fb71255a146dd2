/** When a boot loses its power. */
export type Moment =
  /** At work, so many ms after the first row that was acknowledged. */
  | { readonly phase: 'at work'; readonly after: number }
  /** At work, at this flush since the first row: the disk was given all that it shall keep, and has kept nothing of it. */
  | { readonly phase: 'in a flush'; readonly flush: number }
  /** On the way there: recovery of a recovery. `share` of the time from the mounted disk to the work, last time. */
  | { readonly phase: 'starting'; readonly share: number }

/** Longest work before a cut, ms: the emulated processor is slow, in this time some stages complete. */
const longestWork = 12_000
const mostFlushes = 150

/**
 * The moment of the next cut: two of three at work, so that there is always more to lose. Where programs ask for
 * flushes in vain (`flushes` false) there are hardly any to wait for.
 */
export function momentOf(random: () => number, flushes: boolean): Moment {
  const phase = flushes ? random() : 1
  if (phase < 0.3) return { phase: 'starting', share: random() }
  if (phase < 0.65) return { phase: 'in a flush', flush: 1 + Math.floor(random() * mostFlushes) }
  return { phase: 'at work', after: random() * longestWork }
}
