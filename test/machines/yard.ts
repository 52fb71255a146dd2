import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Client } from 'pg'
import { stringify } from 'yaml'
import { z } from 'zod'
import { type Desk, openDesk } from '../cli/command.ts'
import { type LocalSshd, startSshd } from '../hosts/localSshd.ts'
import type { RunningServer } from '../listening.ts'
import { authorised, runEvents, type SeenEvent } from '../serverEvents.ts'
import { loadSealer, type Sealer } from '../../src/secrets/seal.ts'
import { type PostgresServer, startPostgres } from '../store/postgres.ts'

/** Machines that are folders: made by the real OpenTofu, and reached over a real sshd that has an address for each. */
export interface Yard extends AsyncDisposable {
  readonly desk: Desk
  /** The folder of the machines. */
  readonly folder: string
  /** A file of machines m1, m2, …: `machine create m1 -f FILE`. */
  readonly file: string
  /** Starts a server of the data folder; the one before must have ended. */
  serve(): Promise<RunningServer>
  /** What a create is asked with, with other settings than those of the file. */
  wish(name: string, over: YardSpec): object
  /** Starts a run, as the command does; null: there is nothing to do. @throws Error with what the server says. */
  start(name: string, operation: 'create' | 'destroy', wish?: object): Promise<string | null>
  /** Its events, to the end of the run, or of its server. */
  events(run: string, after?: number): AsyncGenerator<SeenEvent>
  /** Starts a run and waits for its end. Gives its status. */
  done(name: string, operation: 'create' | 'destroy', wish?: object): Promise<string>
  get<Shape extends z.ZodType>(path: string, shape: Shape): Promise<z.output<Shape>>
  /** The rows of the states on record, sealed, by their machines. */
  states(): Promise<Readonly<Record<string, string>>>
  /** The sealer of its servers. */
  sealer(): Sealer
  query(statement: string, values?: readonly unknown[]): Promise<readonly unknown[]>
  /** Names of the machines that are there. */
  there(): string[]
  /** What a machine's provisioners have done, a word each. */
  did(name: string): string[]
  /** A file by which a machine's provisioners are told to wait, or to fail. */
  put(name: string, what: Hitch): void
  take(name: string, what: Hitch): void
}

type Hitch = 'silent' | 'hold' | 'fail' | 'hold-destroy' | 'fail-destroy'

interface YardSpec {
  readonly provider?: string
  readonly address?: string
  readonly cpus?: number
  readonly ready_timeout_s?: number
}

const statusShape = z.object({ status: z.string() })

/**
 * @param count of machines that the file lists.
 * @param environment of the commands; SLIPWAY_PROVIDERS is that of the folders.
 */
export async function openYard(count: number, environment: NodeJS.ProcessEnv = {}): Promise<Yard> {
  const postgres = await startPostgres()
  const url = await postgres.createDatabase('yard')
  const desk = await openDesk({
    environment: { SLIPWAY_PROVIDERS: import.meta.dirname, DATABASE_URL: url, TF_CLI_CONFIG_FILE: '', ...environment },
  })
  const folder = join(desk.folder, 'yard')
  await mkdir(folder)
  const sshd = await sshdOf(desk.folder, folder)
  const file = join(desk.folder, 'machines.yaml')
  const machines = machinesOf(count, folder, sshd)
  await writeFile(file, stringify(machines))
  const key = await readFile(join(sshd.keys, 'login'), 'utf8')
  const client = new Client({ connectionString: url })
  await client.connect()
  let server: RunningServer | undefined
  const call = async (path: string, body?: object): Promise<unknown> => {
    const response = await fetch(`${server?.url}/api/v1${path}`, {
      headers: { ...authorised(desk.home), 'content-type': 'application/json' },
      ...(body && { method: 'POST', body: JSON.stringify(body) }),
    })
    if (!response.ok) throw new Error(await response.text())
    return response.json()
  }
  const wish = (name: string, over: YardSpec = {}) => {
    const { machines: listed, ...defaults } = machines.spec
    const { provider = 'folders', address, ...others } = over
    const own = { ...defaults.folders, ...listed.find(one => one.name === name)?.folders, ...(address && { address }) }
    const spec = { ssh: defaults.ssh, ...others, provider, ...(provider === 'folders' && { folders: own }) }
    return { spec, files: { [defaults.ssh.key_file]: key } }
  }
  const start = async (name: string, operation: 'create' | 'destroy', over: object = {}) => {
    const body = { operation, approve: null, ...(operation === 'create' && wish(name)), ...over }
    return z.object({ run: z.string().nullable() }).parse(await call(`/machines/${name}/runs`, body)).run
  }
  async function* events(run: string, after = 0) {
    for await (const event of runEvents({ home: desk.home, url: server?.url ?? '' }, run, after)) {
      yield event
      if (event.type === 'run-awaiting-approval') return
    }
  }
  const fileOf = (name: string, what: string) => join(folder, `${name}.${what}`)
  return {
    desk,
    folder,
    file,
    async serve() {
      server = await desk.serve()
      return server
    },
    wish,
    start,
    events,
    async done(name, operation, over) {
      const run = await start(name, operation, over)
      if (run === null) return 'nothing to do'
      for await (const _ of events(run)) continue
      return statusShape.parse(await call(`/runs/${run}`)).status
    },
    get: async (path, shape) => shape.parse(await call(path)),
    async states() {
      const { rows } = await client.query('SELECT name, sealed, serial FROM machine_states ORDER BY name')
      const shape = z.array(z.object({ name: z.string(), sealed: z.string(), serial: z.string() }))
      return Object.fromEntries(shape.parse(rows).map(({ name, sealed, serial }) => [name, `${serial} ${sealed}`]))
    },
    sealer: () => loadSealer(join(desk.home, 'sealing-key')),
    query: async (statement, values = []) => (await client.query(statement, [...values])).rows,
    there: () => readdirSync(folder, { withFileTypes: true }).flatMap(one => (one.isDirectory() ? [one.name] : [])),
    did: name =>
      existsSync(fileOf(name, 'done')) ? readFileSync(fileOf(name, 'done'), 'utf8').trim().split('\n') : [],
    put: (name, what) => writeFileSync(fileOf(name, what), ''),
    take: (name, what) => rmSync(fileOf(name, what), { force: true }),
    async [Symbol.asyncDispose]() {
      await client.end()
      await server?.stop()
      await desk[Symbol.asyncDispose]()
      await ended(postgres, sshd)
    },
  }
}

const ended = async (postgres: PostgresServer, sshd: LocalSshd): Promise<void> => {
  await postgres.stop()
  await sshd.stop()
}

/** At the address that was dialled answers who is there by its name; where no machine is, nobody does. */
async function sshdOf(place: string, yard: string): Promise<LocalSshd> {
  const programs = join(place, 'programs')
  await mkdir(programs)
  await writeFile(join(programs, 'hostname'), '#!/bin/sh\nexec cat "$WHO"\n', { mode: 0o755 })
  return startSshd('0.0.0.0', [
    `ForceCommand set -- $SSH_CONNECTION; export WHO=${yard}/at-$3 PATH=${programs}:$PATH; [ -e $WHO ] && exec sh -c "$SSH_ORIGINAL_COMMAND"`,
  ])
}

const machinesOf = (count: number, yard: string, { port, user, keys }: LocalSshd) => ({
  apiVersion: 'slipway/v1',
  kind: 'Machines',
  spec: {
    provider: 'folders',
    ssh: { user, port, key_file: join(keys, 'login') },
    folders: { yard },
    machines: Array.from({ length: count }, (_, at) => ({
      name: `m${at + 1}`,
      folders: { address: `127.9.${Math.floor(at / 200)}.${(at % 200) + 1}` },
    })),
  },
})
