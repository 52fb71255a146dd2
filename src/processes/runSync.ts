import { spawnSync } from 'node:child_process'
import { childEnvironment } from './environment.ts'

export interface EndedChild {
  /** Null when it could not be started (then `error` says why), or a signal ended it. */
  readonly exitCode: number | null
  readonly stderr: string
  readonly error?: Error | undefined
}

/** Runs a child that ends at once, and waits for it with everything else standing still. `descriptor`, if any, is its number 3. */
export function runSync(file: string, args: readonly string[], descriptor?: number): EndedChild {
  const { status, stderr, error } = spawnSync(file, args, {
    env: childEnvironment({}),
    stdio: ['ignore', 'ignore', 'pipe', ...(descriptor === undefined ? [] : [descriptor])],
    encoding: 'utf8',
  })
  return { exitCode: status, stderr: stderr ?? '', error }
}
