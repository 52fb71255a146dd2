import { execFile, spawn } from 'node:child_process'
import { chmod, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'
import { freePort } from '../freePort.ts'
import { temporaryFolder } from './temporaryFolder.ts'

/**
 * A real PostgreSQL (Debian's package) on a temporary folder, for tests: own port on 127.0.0.1, gone when stopped.
 * PostgreSQL refuses to run as root, so root hands it to the user postgres.
 */
export interface PostgresServer {
  readonly port: number
  /** Makes an empty database and returns its URL. */
  createDatabase(name: string): Promise<string>
  dropDatabase(name: string): Promise<void>
  /** Dump and restore, into a database that is empty. */
  copyDatabase(from: string, to: string): Promise<void>
  /** Stops it at once, as an administrator would (connections are cut), and starts it again. */
  restart(): Promise<void>
  halt(): Promise<void>
  resume(): Promise<void>
  stop(): Promise<void>
}

const run = promisify(execFile)

async function binaries(): Promise<string> {
  const versions = await readdir('/usr/lib/postgresql').catch(() => [])
  const newest = versions.toSorted((a, b) => Number(b) - Number(a))[0]
  if (!newest) throw new Error('PostgreSQL is not installed: scripts/setup packages')
  return join('/usr/lib/postgresql', newest, 'bin')
}

export async function startPostgres(): Promise<PostgresServer> {
  const bin = await binaries()
  const folder = temporaryFolder('postgres')
  const asRoot = process.getuid?.() === 0
  if (asRoot) await run('chown', ['postgres:', folder])
  await chmod(folder, 0o700)
  const user = asRoot ? ['--reuid=postgres', '--regid=postgres', '--init-groups'] : []
  // With the test process, however it ends, the server ends too: SIGINT is its fast shutdown.
  const command = (name: string, ...parameters: string[]): [string, string[]] => [
    'setpriv',
    ['--pdeathsig=INT', ...user, join(bin, name), ...parameters],
  ]
  const data = join(folder, 'data')
  await run(
    ...command('initdb', '-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'),
    {
      cwd: folder,
    },
  )
  const port = await freePort()
  const settings = [
    `port=${port}`,
    'listen_addresses=127.0.0.1',
    `unix_socket_directories=${folder}`,
    'max_connections=200',
  ]
  const options = settings.flatMap(setting => ['-c', setting])

  let server: Promise<void> = Promise.resolve()
  let stopNow: ((signal: NodeJS.Signals) => void) | undefined
  const start = async (): Promise<void> => {
    const child = spawn(...command('postgres', '-D', data, ...options), { cwd: folder, stdio: 'ignore' })
    server = new Promise(resolve => child.once('exit', () => resolve()))
    stopNow = signal => child.kill(signal)
    await ready(port, () => child.exitCode !== null)
  }
  const halt = async (): Promise<void> => {
    stopNow?.('SIGINT')
    await server
  }
  await start()
  const admin = async (statement: string): Promise<void> => {
    const client = new pg.Client({ connectionString: url(port, 'postgres') })
    await client.connect()
    try {
      await client.query(statement)
    } finally {
      await client.end()
    }
  }
  return {
    port,
    async createDatabase(name) {
      await admin(`CREATE DATABASE "${name}"`)
      return url(port, name)
    },
    dropDatabase: name => admin(`DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`),
    async copyDatabase(from, to) {
      const dump = join(folder, 'dump')
      await run(join(bin, 'pg_dump'), ['--format=custom', `--file=${dump}`, `--dbname=${url(port, from)}`])
      await run(join(bin, 'pg_restore'), [`--dbname=${url(port, to)}`, dump])
    },
    async restart() {
      await halt()
      await start()
    },
    halt,
    resume: start,
    async stop() {
      await halt()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

const url = (port: number, database: string): string => `postgres://postgres@127.0.0.1:${port}/${database}`

async function ready(port: number, ended: () => boolean): Promise<void> {
  for (let tries = 0; tries < 300; tries++) {
    if (ended()) throw new Error('PostgreSQL ended at its start')
    const client = new pg.Client({ connectionString: url(port, 'postgres') })
    client.on('error', () => {})
    try {
      await client.connect()
      await client.end()
      return
    } catch {
      await new Promise(resolve => setTimeout(resolve, 50))
    }
  }
  throw new Error('PostgreSQL did not become ready in 15 s')
}
