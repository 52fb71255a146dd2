import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { constants } from 'node:os'
import { SlipwayError } from '../domain/errors.ts'

/**
 * Runs a program of the user's in the place of this one: with its terminal, its environment and its signals. Gives what a
 * shell would give as its exit code. @throws SlipwayError `tool-missing`.
 */
export async function runAttached(file: string, args: readonly string[]): Promise<number> {
  // A terminal sends them to both; the child alone says what becomes of them.
  const ignore = (): void => {}
  const signals = ['SIGINT', 'SIGQUIT'] as const
  for (const signal of signals) process.on(signal, ignore)
  try {
    const child = spawn(file, args, { stdio: 'inherit' })
    const [code, signal]: (number | NodeJS.Signals | null)[] = await once(child, 'close')
    if (typeof code === 'number') return code
    return typeof signal === 'string' ? 128 + constants.signals[signal] : 1
  } catch (cause) {
    throw new SlipwayError('tool-missing', `${file} cannot be started`, { cause })
  } finally {
    for (const signal of signals) process.off(signal, ignore)
  }
}
