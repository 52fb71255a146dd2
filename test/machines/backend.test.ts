import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { hostname, userInfo } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { z } from 'zod'
import type { RunningServer } from '../listening.ts'
import { processesMarked } from '../processes.ts'
import { until } from '../until.ts'
import { type StateServer, startStateServer } from './stateServer.ts'
import { openYard, type Yard } from './yard.ts'

/** States in a backend, by the real OpenTofu: over HTTP with locks that outlive who has taken them, and in a PostgreSQL. */
let yard: Yard
let server: RunningServer
let states: StateServer
let file: string
let pgUrl: string
beforeAll(async () => {
  states = await startStateServer()
  yard = await openYard(9)
  file = join(yard.desk.folder, 'backend.tf')
  yard.desk.environment['SLIPWAY_TERRAFORM_BACKEND'] = file
  await yard.query('CREATE DATABASE states')
  pgUrl = (yard.desk.environment['DATABASE_URL'] ?? '').replace(/yard$/, 'states')
  server = await yard.serve()
})
afterAll(async () => {
  await yard?.[Symbol.asyncDispose]()
  await states?.[Symbol.asyncDispose]()
})
afterEach(() => {
  states.refuses = null
})

function useHttp(password = states.password): void {
  const settings = [`username = "${states.user}"`, `password = "${password}"`, 'retry_max = 0'].join('\n')
  const places = ['address', 'lock_address', 'unlock_address'].map(name => `${name} = "${states.url}/{workspace}"`)
  writeFileSync(file, `terraform {\n  backend "http" {\n${[...places, settings].join('\n')}\n  }\n}\n`)
}

const page = readFileSync(resolve(import.meta.dirname, '../../docs/machines.md'), 'utf8')
const [, section = ''] = /## Where states are kept\n([\s\S]*?)\n## /.exec(page) ?? []
const block = (language: string) => new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``).exec(section)?.[1] ?? ''

/** The page's own file, with another address in it. */
const usePg = (): void => writeFileSync(file, block('hcl').replace(/postgres:[^"]*/, `${pgUrl}?sslmode=disable`))

const tofus = () => {
  const own = processesMarked(`XDG_RUNTIME_DIR=${yard.desk.environment['XDG_RUNTIME_DIR']}\0`, 'tofu')
  return processesMarked('SLIPWAY_ENDS_BY=SIGINT').filter(pid => own.includes(pid))
}
const placeOf = (name: string) => [...states.states.keys()].find(one => one.endsWith(`-${name}`)) ?? ''
const stateOf = (name: string) => JSON.parse(states.states.get(placeOf(name)) ?? 'null')
/** A state with a machine that is made to its end. */
let whole: { resources: { name: string; instances: { attributes: Record<string, unknown> }[] }[] }

/** Terraform writes what is made before its provisioners have run, as if it were whole. */
function halfMade(name: string): void {
  const before = stateOf(name)
  const [place] = before.resources
  const machine = structuredClone(whole.resources.find(one => one.name === 'machine'))
  const attributes = machine?.instances[0]?.attributes
  if (!attributes || before.resources.length !== 1) throw new Error('something else was half made')
  const triggers = attributes['triggers_replace'] as { value: unknown[] }
  triggers.value = [place.instances[0].attributes.id, ...triggers.value.slice(1)]
  const after = { ...before, serial: before.serial + 1, resources: [machine, place] }
  states.states.set(placeOf(name), JSON.stringify(after))
}

const runShape = z.object({ status: z.string(), error: z.object({ code: z.string(), message: z.string() }).nullable() })

/** A run to its end: its status, and all that it has said. */
async function told(run: string | null): Promise<{ status: string; said: string }> {
  if (run === null) return { status: 'nothing to do', said: '' }
  const said: string[] = []
  for await (const { message } of yard.events(run)) said.push(message)
  const { status, error } = await yard.get(`/runs/${run}`, runShape)
  return { status, said: [...said, error?.message ?? ''].join('\n') }
}
const create = async (name: string, over?: object) => told(await yard.start(name, 'create', over))
const destroy = async (name: string, over?: object) => told(await yard.start(name, 'destroy', over))
const accept = (...names: string[]) => ({ accept: names })

/** Starts a create that is held up in the middle, and waits until it is. */
async function held(name: string): Promise<string> {
  yard.put(name, 'hold')
  const run = await yard.start(name, 'create')
  if (run === null) throw new Error('nothing to do')
  for await (const { message } of yard.events(run)) if (message.includes('machine: creating')) return run
  throw new Error('the run has ended')
}

it('a state is in the backend alone from its first apply, and goes with its machine', async () => {
  useHttp()
  expect(await create('m1')).toMatchObject({ status: 'completed' })
  expect(stateOf('m1').resources).toHaveLength(2)
  expect(states.locks.size).toBe(0)
  const shown = await yard.desk.slipway(['machine', 'show', 'm1'])
  expect(shown.stdout).toMatch(new RegExp(`^state +http \\(.*\\), workspace ${placeOf('m1')}$`, 'm'))
  whole = stateOf('m1')
  expect(await create('m1')).toMatchObject({ status: 'nothing to do' })
  expect(await destroy('m1')).toMatchObject({
    status: 'completed',
    said: expect.stringContaining('is removed from http'),
  })
  expect(placeOf('m1')).toBe('')
  expect(yard.there()).toEqual([])
})

it('server and OpenTofu are killed in a create: their lock is released, and what was not made to its end is made anew', async () => {
  const run = await held('m2')
  await server.kill()
  for (const pid of tofus()) process.kill(pid, 'SIGKILL')
  await until('OpenTofu has ended', () => tofus().length === 0)
  expect(states.locks.size).toBe(1)
  halfMade('m2')
  yard.take('m2', 'hold')
  server = await yard.serve()
  const { status, said } = await told(run)
  expect(status, said).toBe('completed')
  expect(said).toMatch(/was locked by an interrupted run of its own since .* is released/)
  expect(yard.did('m2')).toEqual(['made'])
  expect(stateOf('m2').resources).toHaveLength(2)
  expect(states.locks.size).toBe(0)
})

it('a lock of somebody else ends the run and names who has it; what the remedy says takes it away', async () => {
  const lock = { ID: 'a-lock', Who: 'alice@laptop', Operation: 'OperationTypeApply', Created: '2026-11-30T10:00:00Z' }
  states.locks.set(placeOf('m2'), lock)
  const { status, said } = await destroy('m2')
  expect(status).toBe('failed')
  expect(said).toMatch(
    /locked in http .* by alice@laptop since 2026-11-30T10:00:00.000Z \(OperationTypeApply\); the lock is a-lock/,
  )
  expect(states.locks.get(placeOf('m2'))).toEqual(lock)
  const unlocked = await yard.desk.slipway(['machine', 'unlock', 'm2', '--lock', 'a-lock'])
  expect(unlocked, unlocked.stderr).toMatchObject({ code: 0 })
  // One of the same person here is no lock of ours: nothing of ours was under way then.
  states.locks.set(placeOf('m2'), { ...lock, Who: `${userInfo().username}@${hostname()}` })
  expect(await destroy('m2')).toMatchObject({ status: 'failed' })
  states.locks.clear()
  expect(await destroy('m2')).toMatchObject({ status: 'completed' })
})

it('a backend that goes away in the middle loses nothing: what it did not take goes there with the next run', async () => {
  const run = await held('m3')
  states.refuses = () => 503
  yard.take('m3', 'hold')
  expect(await told(run)).toMatchObject({ status: 'failed' })
  const away = await create('m3').catch((error: Error) => error.message)
  expect(away).toMatch(/terraform-backend-unanswered/)
  states.refuses = null
  expect(stateOf('m3').resources).not.toHaveLength(2)
  const { status, said } = await create('m3')
  expect(status, said).toBe('completed')
  expect(said).toMatch(/was locked by an interrupted run of its own/)
  expect(yard.did('m3')).toEqual(['made'])
  expect(stateOf('m3').resources).toHaveLength(2)
})

it('a state that the backend has lost is told, and put back where that is accepted', async () => {
  const before = states.states.get(placeOf('m3')) ?? ''
  const place = placeOf('m3')
  states.states.delete(place)
  await expect(create('m3', { change: true })).rejects.toThrow(
    /is not there any more.*\(serial \d+\), would be put back there/,
  )
  expect(await create('m3', accept('machine-state-lost'))).toMatchObject({ status: 'completed' })
  expect(JSON.parse(states.states.get(place) ?? '').resources).toEqual(JSON.parse(before).resources)
  expect(yard.did('m3')).toEqual(['made'])
})

it.each([
  [
    'another machine’s',
    (text: string) => text.replace(/"lineage":\s*"[^"]*"/, '"lineage": "another"').replace('"place"', '"other"'),
    /its lineage differs/,
  ],
  ['damaged', () => '{ "version": 4, ', /can’t be read/],
])(
  'a state that is %s is not written over; the machine is destroyed by what is on record',
  async (what, change, words) => {
    // m3 is there from before.
    const name = what === 'damaged' ? 'm4' : 'm3'
    expect(['completed', 'nothing to do']).toContain((await create(name)).status)
    const place = placeOf(name)
    const other = change(states.states.get(place) ?? '')
    states.states.set(place, other)
    await expect(create(name, accept('machine-state-lost'))).rejects.toThrow(words)
    await expect(destroy(name)).rejects.toThrow(words)
    expect(await destroy(name, accept('machine-state-lost'))).toMatchObject({
      status: 'completed',
      said: expect.stringContaining('stays there, and is yours to remove'),
    })
    expect(yard.there()).not.toContain(name)
    expect(states.states.get(place)).toBe(other)
  },
)

it('nobody sees what is secret, and a login that is refused is told before anything is made', async () => {
  useHttp('another-word')
  await expect(create('m6')).rejects.toThrow(/terraform-backend-unanswered.*invalid auth|requires auth/)
  const { stdout, code } = await yard.desk.slipway(['doctor', '-o', 'json'])
  expect({ code, stdout }).toMatchObject({ code: 2, stdout: expect.stringContaining('requires auth') })
  expect(stdout).not.toContain('another-word')
  useHttp()
  chmodSync(file, 0o644)
  const { stdout: open } = await yard.desk.slipway(['doctor', '-o', 'json'])
  expect(open).toContain('every user of this machine can read it')
})

it('states go from the database into a PostgreSQL, from there to another backend, and back; each is told and approved', async () => {
  await server.stop()
  yard.desk.environment['SLIPWAY_TERRAFORM_BACKEND'] = ''
  server = await yard.serve()
  expect(await create('m7')).toMatchObject({ status: 'completed' })
  await server.stop()
  yard.desk.environment['SLIPWAY_TERRAFORM_BACKEND'] = file
  usePg()
  server = await yard.serve()
  const moved = await create('m7')
  expect(moved).toMatchObject({ status: 'completed', said: expect.stringContaining('in pg (') })
  expect(await create('m7')).toMatchObject({ status: 'nothing to do' })
  expect(yard.did('m7')).toEqual(['made'])
  const typed = await yard.desk.shell(`slipway="$1"; slipway() { command "$slipway" "$@"; }; set -e\n${block('sh')}`)
  expect(typed, typed.stderr).toMatchObject({ code: 0 })
  expect(typed.stdout).toMatch(/Terraform states +ok +pg \(127.0.0.1:\d+\/states\) answers; 1 of its workspaces/)
  expect(typed.stdout).toMatch(/^state +pg .*, workspace slipway-[0-9a-f]{16}-m1$/m)

  useHttp()
  await expect(create('m7')).rejects.toThrow(/is in pg .* and the server is given http/)
  expect(await create('m7', accept('machine-state-elsewhere'))).toMatchObject({ status: 'completed' })
  expect(stateOf('m7').resources).toHaveLength(2)
  expect(await destroy('m7')).toMatchObject({ status: 'completed' })
  usePg()
  const check = await yard.desk.slipway(['machine', 'check'])
  expect(check.stdout).toMatch(/workspace slipway-[0-9a-f]{16}-m7: pg .*machine-workspace-orphaned/s)
})
