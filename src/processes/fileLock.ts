import { SlipwayError } from '../domain/errors.ts'
import { runProcess } from './run.ts'

export interface FileLockOptions {
  /** ms that others may have it for. */
  readonly patience: number
  readonly signal?: AbortSignal | undefined
}

/**
 * Holds an exclusive lock on a file while `work` runs; who comes later waits. It is flock(2)'s, held by a child that ends
 * when its standard input closes: whoever is killed leaves no lock, and the file stays for the next. This process does not
 * stand still meanwhile: the one that has the lock may be asking it for something.
 * @returns null when others had it for all that time.
 * @throws SlipwayError `tool-missing` where it cannot be locked at all; the reason of `signal`.
 */
export async function withFileLock<Result>(
  file: string,
  { patience, signal }: FileLockOptions,
  work: () => Promise<Result>,
): Promise<{ readonly result: Result } | null> {
  const held = Promise.withResolvers<'held'>()
  const late = Promise.withResolvers<'late'>()
  const end = new AbortController()
  let release = (): void => {}
  const holder = runProcess('flock', ['--exclusive', '--no-fork', file, 'cat'], {
    environment: {},
    signal: end.signal,
    stdin(pipe) {
      release = () => void pipe.end()
      // cat gives the sign back as soon as it runs, which is once the lock is held.
      pipe.write('.')
    },
    onStdout: () => held.resolve('held'),
  })
  const timer = setTimeout(() => late.resolve('late'), patience)
  const abort = () => late.resolve('late')
  signal?.addEventListener('abort', abort, { once: true })
  try {
    if (signal?.aborted) abort()
    const first = await Promise.race([held.promise, late.promise, holder])
    if (first === 'held') return { result: await work() }
    end.abort()
    signal?.throwIfAborted()
    if (first === 'late') return null
    throw new SlipwayError('tool-missing', `flock (util-linux) cannot lock ${file}: ${first.stderr.trim()}`)
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', abort)
    release()
    await holder
  }
}
