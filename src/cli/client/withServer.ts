import { setTimeout as after } from 'node:timers/promises'
import { dataFolder, type DataFolder } from '../../api/access/home.ts'
import { readServerNote } from '../../api/access/serverFile.ts'
import { exitCodes, SlipwayError } from '../../domain/errors.ts'
import type { Surroundings } from '../surroundings.ts'
import { Interrupted } from '../interrupted.ts'
import { takeSignals } from '../signals.ts'
import { say } from '../terminal.ts'
import { busy } from '../view/busy.ts'
import { type Client, createClient, type Endpoint } from './client.ts'
import { namedServer, runningServer } from './findServer.ts'

export interface Connected {
  readonly client: Client
  /** This command is the server: a run goes on only as long as it does. */
  readonly own: boolean
}

/** How long a process that holds the folder may take until it listens (its first start makes the database), ms. */
const startPatience = 20_000

/**
 * How long nobody may ask anything until the others have left, ms: our own last stream may still be closing. A command
 * that has found this server may be between two of its requests, and on a busy machine it takes its time there.
 */
const quiet = { unvisited: 50, visited: 2000 }

/**
 * Gives the work a server: the one that is named, else the one on the data folder, else one inside this process for as
 * long as the work takes and others use it. One that `looks` leaves runs alone that others have begun.
 */
export async function withServer<Result>(
  surroundings: Surroundings,
  work: (connected: Connected) => Promise<Result>,
  purpose: 'acts' | 'looks' = 'acts',
): Promise<Result> {
  const folder = dataFolder()
  const named = namedServer(folder)
  if (named) return work({ client: createClient(named), own: false })
  const findAgain = () => runningServer(folder)
  const running = await findAgain()
  if (running) {
    tellUnusedDatabase(folder)
    return work({ client: createClient(running, { findAgain }), own: false })
  }
  const started = await busy(`Starting a server on ${folder.path}`, startOrFind(surroundings, folder, purpose))
  if ('found' in started) return work({ client: createClient(started.found, { findAgain }), own: false })
  const { server } = started
  const interrupts = watchInterrupts()
  try {
    const result = await Promise.race([work({ client: createClient(server.endpoint), own: true }), interrupts.pressed])
    interrupts.release()
    await othersHaveLeft(server)
    return result
  } catch (error) {
    interrupts.release()
    if (!(error instanceof Interrupted)) await othersHaveLeft(server)
    throw error
  } finally {
    // A terminal that was closed may say so more than once; only a person can want it to end at once.
    const release = takeSignals(signal => (signal === 'SIGHUP' ? undefined : process.exit(exitCodes.interrupted)))
    await server.stop()
    release()
  }
}

/** The server decides which database it is; who names another one must not take what is shown for that. */
function tellUnusedDatabase({ path, serverFile }: DataFolder): void {
  if (!process.env['DATABASE_URL'] || readServerNote(serverFile)?.database !== 'embedded') return
  say(`warning: DATABASE_URL is not used: the server that runs on ${path} works with its embedded database`)
  say('  → Stop that server, or name another data folder in SLIPWAY_HOME.')
}

/** Ctrl-C and SIGTERM end this process in good order, unless a part of the work takes them upon itself. */
function watchInterrupts() {
  const { promise, reject } = Promise.withResolvers<never>()
  promise.catch(() => {})
  return { pressed: promise, release: takeSignals(() => reject(new Interrupted())) }
}

type LocalServer = Awaited<ReturnType<Surroundings['startServer']>>

async function startOrFind(
  surroundings: Surroundings,
  folder: DataFolder,
  purpose: 'acts' | 'looks',
): Promise<{ server: LocalServer } | { found: Endpoint }> {
  const deadline = performance.now() + startPatience
  const worker = purpose === 'acts' ? 'on-demand' : 'when-started'
  for (;;) {
    try {
      return {
        server: await surroundings.startServer({ folder, port: 0, worker, log: 'file', backups: 0 }),
      }
    } catch (error) {
      // Another command was first: it will serve this one as well, as soon as it listens, or leave the folder.
      if (!(error instanceof SlipwayError) || error.code !== 'folder-in-use') throw error
      const found = await runningServer(folder)
      if (found) return { found }
      if (performance.now() > deadline) throw error
      await after(100)
    }
  }
}

async function othersHaveLeft(server: LocalServer): Promise<void> {
  const stop = new AbortController()
  const release = takeSignals(() => stop.abort())
  const told = setTimeout(
    () => say('Other commands use this process; it ends with them (Ctrl-C ends it at once).'),
    1000,
  )
  await server.requests.idle(() => (server.requests.visited ? quiet.visited : quiet.unvisited), stop.signal)
  clearTimeout(told)
  release()
}
