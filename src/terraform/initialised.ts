import { once } from 'node:events'
import { copyFile, link, mkdir, mkdtemp, readdir, realpath, rm, stat, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import type { Answer } from './answer.ts'

/**
 * What `init` has brought for modules: plugins, and their lock file. It is done once for the same conditions and laid into
 * the workspaces that follow, by hard links, so that none of them needs the other one's folder. (Terraform's own cache of
 * plugins is not safe where several commands fill it at once, and spares no command.)
 */
export interface Initialised {
  /**
   * @param conditions all that `init` goes by; null: it has to be done in this very folder.
   * @returns the answer of `init`, which may have been done elsewhere.
   */
  into(workspace: Initialising, init: () => Promise<Answer>): Promise<Answer>
}

interface Initialising {
  readonly folder: string
  readonly conditions: string | null
  readonly signal: AbortSignal
}

interface Kept {
  readonly folder: string
  readonly at: number
  /** The plugins as they were: one that has been put in the place of another is not the one that the lock file names. */
  readonly seen: string
  readonly answer: Answer
  /** Those that are being laid out of it. */
  readonly users: Set<Promise<boolean>>
}

/** Name of the folder in which the command keeps what it has brought for a workspace. */
export const dataFolder = '.data'
/** ms after which a plugin that has come out meanwhile is looked for. */
const maxAge = 15 * 60_000
const lockFile = '.terraform.lock.hcl'
const plugins = 'providers'

/** @param directory private folder in memory, in which workspaces are as well; what is kept ends with it. */
export function initialisedModules(directory: string): Initialised {
  const kept = new Map<string, Kept>()
  const underWay = new Map<string, Promise<Answer>>()

  const laid = async (known: Kept, folder: string): Promise<boolean> => {
    const isCurrent = Date.now() - known.at < maxAge && (await seenOf(join(known.folder, plugins))) === known.seen
    if (!isCurrent) return false
    await layTree(join(known.folder, plugins), join(folder, dataFolder, plugins))
    await copyLock(known.folder, folder)
    return true
  }
  const reused = async (conditions: string, known: Kept, folder: string): Promise<boolean> => {
    const laying = laid(known, folder)
    known.users.add(laying)
    if (await laying.finally(() => known.users.delete(laying))) return true
    if (kept.get(conditions) === known) kept.delete(conditions)
    await Promise.allSettled(known.users)
    await rm(known.folder, { recursive: true, force: true })
    return false
  }
  const initialise = async (conditions: string, folder: string, init: () => Promise<Answer>): Promise<Answer> => {
    const answer = await init()
    if (answer.exitCode !== 0) return answer
    const own = await mkdtemp(join(directory, 'initialised-'))
    await layTree(join(folder, dataFolder, plugins), join(own, plugins))
    await copyLock(folder, own)
    const seen = await seenOf(join(own, plugins))
    kept.set(conditions, { folder: own, at: Date.now(), seen, answer, users: new Set() })
    return answer
  }
  return {
    async into({ folder, conditions, signal }, init) {
      if (conditions === null) return init()
      for (;;) {
        signal.throwIfAborted()
        const known = kept.get(conditions)
        if (known) {
          if (await reused(conditions, known, folder)) return known.answer
          continue
        }
        const other = underWay.get(conditions)
        if (!other) break
        const answer = await unlessAborted(other, signal)
        // What failed for the one who did it fails for all who waited; one that was cancelled or killed tells nothing.
        if (answer !== null && answer.exitCode !== null && answer.exitCode !== 0) return answer
      }
      const own = initialise(conditions, folder, init).finally(() => underWay.delete(conditions))
      underWay.set(conditions, own)
      return own
    },
  }
}

/** Null: whoever did it was stopped. @throws the signal's reason. */
async function unlessAborted(work: Promise<Answer>, signal: AbortSignal): Promise<Answer | null> {
  const over = new AbortController()
  const aborted = once(signal, 'abort', { signal: over.signal }).then(
    () => Promise.reject(signal.reason),
    () => null,
  )
  try {
    return await Promise.race([work.catch(() => null), aborted])
  } finally {
    over.abort()
  }
}

/** Files by hard links; what links lead to is linked as well. A folder that is not there has nothing in it. */
async function layTree(from: string, to: string): Promise<void> {
  const entries = await readdir(from, { withFileTypes: true }).catch(() => null)
  if (entries === null) return
  await mkdir(to, { recursive: true, mode: 0o700 })
  for (const entry of entries) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)]
    if (entry.isDirectory()) await layTree(source, target)
    else if (entry.isSymbolicLink()) await symlink(await realpath(source), target)
    else await link(source, target)
  }
}

const copyLock = (from: string, to: string): Promise<void> =>
  copyFile(join(from, lockFile), join(to, lockFile)).catch((error: unknown) => {
    // A module of built-in providers alone has none.
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
  })

/** Every file below a folder and behind its links, with what changes when it is another one. */
async function seenOf(folder: string): Promise<string> {
  const names = await readdir(folder).catch(() => [])
  const lines = await Promise.all(
    names.toSorted().map(async name => {
      const path = join(folder, name)
      const seen = await stat(path).catch(() => null)
      if (seen === null) return `${name} gone`
      return seen.isDirectory() ? `${name}/ ${await seenOf(path)}` : `${name} ${seen.ino} ${seen.size} ${seen.mtimeMs}`
    }),
  )
  return lines.join('\n')
}
