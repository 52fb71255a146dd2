import { setTimeout as after } from 'node:timers/promises'

/** Asks until it is so; fails the test when it is not within `patience` ms. */
export async function until(what: string, isSo: () => Promise<boolean> | boolean, patience = 30_000): Promise<void> {
  const end = performance.now() + patience
  while (!(await isSo())) {
    if (performance.now() > end) throw new Error(`not within ${patience / 1000} s: ${what}`)
    await after(100)
  }
}
