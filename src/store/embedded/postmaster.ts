import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as after } from 'node:timers/promises'
import { type Companion, startCompanion } from '../../processes/companion.ts'
import { SlipwayError } from '../../domain/errors.ts'
import { folderUnusable } from '../makeFolder.ts'
import type { Account } from './account.ts'
import { endLeftovers } from './leftovers.ts'
import type { ServerOutput } from './output.ts'
import type { Programs } from './programs.ts'
import { notStarted, startRefusal } from './refusals.ts'
import { startArguments } from './settings.ts'
import { socketName } from './socketFolder.ts'

/** All that a start needs. */
export interface Place {
  readonly folder: string
  readonly socketFolder: string
  readonly programs: Programs
  readonly account: Account
  readonly output: ServerOutput
  /** Tells people what is waited for. */
  readonly report: (message: string) => void
}

export interface Postmaster {
  /** How it has ended, in words. */
  readonly ended: Promise<string>
  /** Ends it in order; connections are cut. */
  stop(): Promise<void>
}

/** `flock` ends with this when somebody holds the lock. */
const locked = 75
/** PostgreSQL and what comes from it hold this lock until the last of them is gone, whoever started them. */
const underLock = ['flock', '--nonblock', '--conflict-exit-code', String(locked), '--no-fork', '.']
/** Of one that was killed; in the middle of writing it, too. */
const staleLock = /lock file "[^"]*" (?:already exists|is empty)|bogus data in lock file/
/** How long the kernel may take to end what was killed, ms. */
const patience = 30_000
/** An orderly end writes what is in memory to the disk. After that it is cut off, which loses nothing either, ms. */
const orderlyEnd = 60_000

/**
 * Starts PostgreSQL on its folder and waits until it takes connections, however long it has to recover before. What
 * an earlier start has left there is ended first; there are never two.
 * @throws SlipwayError as `startRefusal`; `folder-in-use` when what is left cannot be ended.
 */
export async function startPostmaster(place: Place): Promise<Postmaster> {
  for (let tries = 1; ; tries++) {
    const { started, said, exitCode } = await tryWhenFree(place)
    if (started) return started
    if (tries === 5) throw exitCode === null ? notStarted('it was killed each time') : startRefusal(place.folder, said)
    if (exitCode === null) {
      // By a signal: that says nothing of its files.
      place.report('the database was killed while it started, and is started again')
      await endLeftovers(place.folder)
    } else if (said.some(line => staleLock.test(line))) removeLockFiles(place)
    else throw startRefusal(place.folder, said)
  }
}

/** Waits until an earlier start has left the folder. */
async function tryWhenFree(place: Place): Promise<Tried> {
  const freeBy = performance.now() + patience
  for (let tries = 1; ; tries++) {
    const tried = await tryStart(place)
    if (tried.exitCode !== locked) return tried
    if (performance.now() > freeBy) throw notFree(place.folder)
    if (tries === 1) place.report('the database of an earlier start is still being ended')
    await endLeftovers(place.folder)
    // Of a process that is dying nothing is to be seen any more, and yet it has the lock until the kernel is done with it.
    await after(20)
  }
}

/**
 * PostgreSQL held the lock of the folder when it found them: whoever has their number by now is no PostgreSQL, or one
 * that has died and that nobody has waited for yet.
 */
function removeLockFiles({ folder, socketFolder }: Place): void {
  rmSync(join(folder, 'postmaster.pid'), { force: true })
  rmSync(join(socketFolder, `${socketName}.lock`), { force: true })
}

const notFree = (folder: string): SlipwayError =>
  new SlipwayError('folder-in-use', `${folder}: a process of PostgreSQL that is not to be seen has its lock`, {
    facts: { folder },
    remedy: `Look who it is (fuser -v ${folder}), and end it; or start the machine anew.`,
  })

interface Tried {
  readonly started?: Postmaster
  readonly exitCode: number | null
  readonly said: readonly string[]
}

async function tryStart({ folder, socketFolder, programs, account, output, report }: Place): Promise<Tried> {
  const ready = Promise.withResolvers<'ready'>()
  output.forget()
  const off = output.onLine(line => {
    if (line.includes('ready to accept connections')) ready.resolve('ready')
    if (line.includes('automatic recovery in progress'))
      report('the database was not closed in order: it recovers by itself, nothing that was acknowledged is lost')
    const progress = /(?:redo|syncing data directory.*) in progress, elapsed time: (\d+)/.exec(line)
    if (progress) report(`the database still recovers (${progress[1]} s)`)
  })
  try {
    const child = await startCompanion(programs.postgres, startArguments(socketFolder, programs.version), {
      directory: folder,
      environment: programs.environment,
      before: [...underLock, ...account.before],
      signalAtOurEnd: 'INT',
      onStderr: output.add,
    }).catch((error: unknown) => {
      throw error instanceof Error && 'syscall' in error ? folderUnusable(folder, error) : error
    })
    const first = await Promise.race([ready.promise, child.ended])
    if (first === 'ready') return { started: running(child), exitCode: null, said: [] }
    await child.silent
    return { exitCode: first.exitCode, said: output.recent() }
  } finally {
    off()
  }
}

function running(child: Companion): Postmaster {
  let stopping: Promise<void> | undefined
  return {
    ended: child.ended.then(({ words }) => words),
    stop() {
      stopping ??= (async () => {
        child.signal('SIGINT')
        const timer = setTimeout(() => child.signal('SIGQUIT'), orderlyEnd)
        await child.ended
        clearTimeout(timer)
      })()
      return stopping
    },
  }
}
