import { setTimeout as delay } from 'node:timers/promises'
import { explain, log } from './log.ts'

/** Tries until it works, for as long as it takes (the service manager sets no limit); each new reason is logged once. */
export async function persist<T>(what: string, pause: number, attempt: () => Promise<T>): Promise<T> {
  let told = ''
  for (;;) {
    try {
      return await attempt()
    } catch (error) {
      const reason = explain(error)
      if (reason !== told) log.info(`${what}: ${reason}`)
      told = reason
    }
    await delay(pause)
  }
}
