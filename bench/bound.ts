/** One promise about speed: measured against a baseline in the same run where it is a ratio. */
export interface Bound {
  /** As it is printed and asked for: `render-1000-nodes`. */
  readonly name: string
  /** Minutes it may take, so that a stuck measurement ends. */
  readonly minutes: number
  /** What must be there besides Node: the lab's hosts are booted by the bound itself. */
  measure(): Promise<Figure[]>
}

export interface Figure {
  readonly name: string
  /** The median of the rounds. */
  readonly figure: number
  readonly bound: number
  /** `ms`, `s`, `MB`, or `×` for a ratio to the baseline of the same round. */
  readonly unit: string
  /** Sizes, baseline, spread: what a reader needs to judge the figure. */
  readonly note: string
}

export const isMet = (figure: Figure): boolean => figure.figure <= figure.bound

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const high = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? high : ((sorted[middle - 1] ?? Number.NaN) + high) / 2
}

/** Milliseconds that `work` takes. */
export async function timed(work: () => unknown): Promise<number> {
  const start = performance.now()
  await work()
  return performance.now() - start
}

/** Runs `work` once to warm up, then `rounds` times; returns the times in ms. */
export async function rounds(count: number, work: () => unknown): Promise<number[]> {
  await work()
  const times: number[] = []
  for (let round = 0; round < count; round++) times.push(await timed(work))
  return times
}

export const spread = (values: readonly number[]): string =>
  `${values.length} rounds, ${Math.min(...values).toFixed(1)}–${Math.max(...values).toFixed(1)}`
