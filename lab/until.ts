import { setTimeout as delay } from 'node:timers/promises'
import { LabError } from './errors.ts'

/**
 * Asks `condition` until it holds; after `seconds` it is an error saying that `what` did not happen. Between two questions
 * are 20 ms, or up to 500 when the last one took its time: a host that is asked all the time does little else.
 */
export async function until(
  what: string,
  seconds: number,
  condition: () => boolean | Promise<boolean>,
  remedy = 'Try again; `lab/lab down --name NAME` starts afresh.',
): Promise<void> {
  const deadline = performance.now() + seconds * 1000
  for (;;) {
    const asked = performance.now()
    if (await condition()) return
    const answered = performance.now()
    if (answered > deadline) throw new LabError(`${what}: not within ${seconds} s`, remedy)
    await delay(Math.min(500, Math.max(20, 2 * (answered - asked))))
  }
}
