import { setTimeout as after } from 'node:timers/promises'

/**
 * Waits for a condition. Between two questions are 25 ms, or up to 500 when the last one took its time: one over SSH costs
 * the machine as much as the work that is waited for. @throws Error that says what was waited for.
 */
export async function until(what: string, holds: () => boolean | Promise<boolean>, limit = 60_000): Promise<void> {
  const deadline = performance.now() + limit
  for (;;) {
    const asked = performance.now()
    if (await holds()) return
    const answered = performance.now()
    if (answered > deadline) throw new Error(`waited ${limit} ms in vain until ${what}`)
    await after(Math.min(500, Math.max(25, 2 * (answered - asked))))
  }
}
