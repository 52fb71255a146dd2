import { accessSync, constants } from 'node:fs'
import { mkdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as after } from 'node:timers/promises'
import { SlipwayError } from '../domain/errors.ts'
import { createLauncher, type Launcher } from '../processes/launcher.ts'
import { createLimiter, type Limiter } from '../processes/limiter.ts'
import { parseKnownHosts, type PinnedKey } from './hostKeys.ts'
import { type About, isPassing, shownFingerprint, sshError } from './sshErrors.ts'

/** One connection to open or to find open. */
export interface Link {
  /** Name of the control socket: a hash of everything that makes this connection what it is. */
  readonly name: string
  readonly sshConfig: string
  readonly alias: string
  readonly about: About
  /** True when no key of the host is recorded: any key is taken, and reported. */
  readonly firstContact: boolean
}

export interface OpenLink {
  /** Fingerprint of the key the host proved to have. */
  readonly fingerprint: string
  /** The key itself, when this was a first contact. */
  readonly firstKey: PinnedKey | undefined
}

/**
 * The warm SSH connections of this process, one a host and way, shared by plans, runs and Ansible through control
 * sockets. A connection ends with the process that starts children for us, and so with us; it carries the worker's
 * marker only (an attempt's end leaves it), and is opened again on the next use when it is lost.
 */
export interface Connections {
  /** Folder of the control sockets. */
  readonly directory: string
  /** Places for ssh clients that run at the same time. */
  readonly clients: Limiter
  /** Starts them. */
  readonly launch: Launcher['run']
  /** @throws SlipwayError as `sshError` says. */
  open(link: Link): Promise<OpenLink>
  /** Ends one connection (its host's key is no longer the recorded one, a host that was reset). */
  end(name: string): Promise<void>
  /** Marks a connection as in use until the function returned is called. */
  hold(name: string): () => void
  close(): Promise<void>
}

export interface ConnectionOptions {
  /** A short path (sockets have at most 107 characters), made 0700 when missing. */
  readonly directory: string
  /** Marker of the worker, without an attempt. */
  readonly environment: Readonly<Record<string, string>>
  /** s for one connection; default 10. */
  readonly connectTimeout?: number
  /** Connections opened at the same time; default 10 (sshd drops strangers beyond 10 by its default MaxStartups). */
  readonly openAtOnce?: number
  /** ssh clients at the same time; default 64. */
  readonly clients?: number
  /** ms without use after which a connection is ended; default 10 minutes. */
  readonly idle?: number
}

interface Master {
  readonly stop: AbortController
  readonly ready: Promise<OpenLink>
  readonly ended: Promise<void>
  holders: number
  idle: NodeJS.Timeout | undefined
}

/** Longest folder: a socket's path has 107 characters, of which its name and ssh's temporary ending take 34. */
const longestDirectory = 73

export async function openConnections(options: ConnectionOptions): Promise<Connections> {
  if (options.directory.length > longestDirectory)
    throw new SlipwayError('internal', `the path of the control sockets is too long: ${options.directory}`)
  await mkdir(options.directory, { recursive: true, mode: 0o700 })
  const launcher = createLauncher(options.environment)
  const opening = createLimiter(options.openAtOnce ?? 10)
  const masters = new Map<string, Master>()

  const rest = (name: string, master: Master) => {
    clearTimeout(master.idle)
    if (master.holders > 0) return
    master.idle = setTimeout(() => end(name), options.idle ?? 600_000).unref()
  }
  const end = async (name: string) => {
    const master = masters.get(name)
    if (!master) return
    masters.delete(name)
    clearTimeout(master.idle)
    master.stop.abort()
    await master.ended
  }
  const start = (link: Link): Master => {
    const stop = new AbortController()
    const opened = Promise.withResolvers<OpenLink>()
    const life = Promise.withResolvers<void>()
    const master: Master = { stop, ready: opened.promise, ended: life.promise, holders: 0, idle: undefined }
    masters.set(link.name, master)
    const open = () => {
      keepTrying(stop.signal, () => keepConnection(link, options, launcher.run, stop.signal, opened.resolve))
        .catch(opened.reject)
        .finally(life.resolve)
      // The place is for opening only: a connection that stands needs none.
      return opened.promise
    }
    opening.run(open).then(
      () => rest(link.name, master),
      () => {},
    )
    life.promise.then(() => {
      clearTimeout(master.idle)
      if (masters.get(link.name) === master) masters.delete(link.name)
    })
    return master
  }

  return {
    directory: options.directory,
    clients: createLimiter(options.clients ?? 64),
    launch: launcher.run,
    open: link => (masters.get(link.name) ?? start(link)).ready,
    end,
    hold(name) {
      const master = masters.get(name)
      if (!master) return () => {}
      master.holders += 1
      clearTimeout(master.idle)
      let held = true
      return () => {
        if (held) master.holders -= 1
        held = false
        rest(name, master)
      }
    },
    async close() {
      await Promise.all([...[...masters.keys()].map(end), launcher.close()])
      await rm(options.directory, { recursive: true, force: true })
    },
  }
}

/** A connection that fails sooner may be opened again, ms. */
const soon = 2000

/** Opens it again when it was turned away in passing: that changes nothing on the host, and nobody has to come back. */
async function keepTrying(signal: AbortSignal, keep: () => Promise<void>): Promise<void> {
  const begun = performance.now()
  for (let pause = 250; ; pause *= 2) {
    try {
      return await keep()
    } catch (error) {
      if (!isPassing(error) || performance.now() - begun + pause > soon) throw error
      await after(pause, undefined, { signal }).catch(() => Promise.reject(error))
    }
  }
}

/** Longest text of an opening that is looked at, characters: a hostile banner must not fill the memory. */
const longestOpening = 256 * 1024

/**
 * Runs `ssh -N` as the owner of a control socket until it ends; calls `ready` once it stands.
 * @throws SlipwayError when it ends before that.
 */
async function keepConnection(
  link: Link,
  options: ConnectionOptions,
  launch: Launcher['run'],
  signal: AbortSignal,
  ready: (open: OpenLink) => void,
): Promise<void> {
  const socket = join(options.directory, link.name)
  const firstKeys = `${socket}.key`
  // A connection that was killed leaves its socket behind, and ssh would not take its place.
  await Promise.all([rm(socket, { force: true }), rm(firstKeys, { force: true })])
  const command = [
    ...diesWithUs,
    'ssh',
    '-N',
    '-F',
    link.sshConfig,
    '-o',
    'ControlMaster=yes',
    '-o',
    `ControlPath=${socket}`,
    '-o',
    // The only level that says which key was shown and when the connection stands.
    'LogLevel=DEBUG1',
    ...(link.firstContact ? ['-o', 'StrictHostKeyChecking=accept-new', '-o', `UserKnownHostsFile=${firstKeys}`] : []),
    link.alias,
  ]
  const late = AbortSignal.timeout((2 * (options.connectTimeout ?? 10) + 5) * 1000)
  const giveUp = new AbortController()
  const onLate = () => giveUp.abort()
  late.addEventListener('abort', onLate)
  let seen = ''
  let stands = false
  await launch(command[0] ?? 'ssh', command.slice(1), {
    environment: options.environment,
    signal: AbortSignal.any([signal, giveUp.signal]),
    maxOutput: 4096,
    onStderr: async text => {
      if (stands) return
      seen += text
      if (seen.length > longestOpening) giveUp.abort()
      if (!seen.includes('debug1: Entering interactive session')) return
      stands = true
      late.removeEventListener('abort', onLate)
      const [firstKey] = link.firstContact ? parseKnownHosts(await readFile(firstKeys, 'utf8').catch(() => '')) : []
      ready({ fingerprint: shownFingerprint(seen) ?? 'unknown', firstKey })
    },
  })
  late.removeEventListener('abort', onLate)
  await rm(firstKeys, { force: true })
  if (!stands) throw sshError(late.aborted ? `${seen}\nConnection timed out` : seen, link.about)
}

/** The kernel tells the child when we die, however we die; util-linux has the tool for it. */
const diesWithUs = isExecutable('/usr/bin/setpriv') ? ['/usr/bin/setpriv', '--pdeathsig', 'TERM'] : []

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
