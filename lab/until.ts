import { setTimeout as delay } from 'node:timers/promises'
import { LabError } from './errors.ts'

/** Asks `condition` every 20 ms until it holds; after `seconds` it is an error saying that `what` did not happen. */
export async function until(
  what: string,
  seconds: number,
  condition: () => boolean | Promise<boolean>,
  remedy = 'Try again; `lab/lab down --name NAME` starts afresh.',
): Promise<void> {
  const deadline = performance.now() + seconds * 1000
  while (!(await condition())) {
    if (performance.now() > deadline) throw new LabError(`${what}: not within ${seconds} s`, remedy)
    await delay(20)
  }
}
