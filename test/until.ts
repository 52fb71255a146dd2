import { setTimeout as after } from 'node:timers/promises'

/** Waits for a condition, asked every 25 ms. @throws Error that says what was waited for. */
export async function until(what: string, holds: () => boolean | Promise<boolean>, limit = 60_000): Promise<void> {
  const deadline = performance.now() + limit
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`waited ${limit} ms in vain until ${what}`)
    await after(25)
  }
}
