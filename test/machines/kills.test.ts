import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { RunningServer } from '../listening.ts'
import { processesMarked } from '../processes.ts'
import type { SeenEvent } from '../serverEvents.ts'
import { until } from '../until.ts'
import { machineStatePurpose } from '../../src/store/machines.ts'
import { openYard, type Yard } from './yard.ts'

/**
 * The server, the OpenTofu that it has started, or both are killed with -9 while a machine is created or destroyed.
 * Whatever was under way, the machine is usable or destroyable afterwards, and never lost. `make soak PIECE=machines`
 * kills at every event there is.
 */
type Victim = 'server' | 'tofu' | 'both'

let yard: Yard
let server: RunningServer
let machine = 0
beforeAll(async () => {
  yard = await openYard(process.env['SLIPWAY_SOAK'] ? 200 : 6)
  server = await yard.serve()
})
afterAll(() => yard?.[Symbol.asyncDispose]())

const status = async (name: string) => (await yard.get(`/machines/${name}`, z.object({ status: z.string() }))).status
const made = z.object({ status: z.string(), last_error: z.string().nullable() })
const runStatus = async (run: string) => (await yard.get(`/runs/${run}`, z.object({ status: z.string() }))).status
/** Those that work for this test: their workspaces are in its own folder in memory. */
const tofus = () => {
  const own = processesMarked(`XDG_RUNTIME_DIR=${yard.desk.environment['XDG_RUNTIME_DIR']}\0`, 'tofu')
  return processesMarked('SLIPWAY_ENDS_BY=SIGINT').filter(pid => own.includes(pid))
}

function killTofu(): void {
  for (const pid of tofus()) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It has ended in this moment.
    }
  }
}

async function strike(victim: Victim): Promise<void> {
  if (victim !== 'tofu') await server.kill()
  if (victim !== 'server') killTofu()
  if (victim !== 'tofu') server = await yard.serve()
}

/** Follows a run to its end, and strikes once, at its event with this number. Null: it has no such event. */
async function struckAt(
  name: string,
  operation: 'create' | 'destroy',
  at: number,
  victim: Victim,
): Promise<SeenEvent | null> {
  const run = await yard.start(name, operation)
  if (run === null) throw new Error(`nothing to do for ${name}`)
  let struck: SeenEvent | null = null
  let seen = 0
  for (;;) {
    for await (const event of yard.events(run, seen)) {
      seen = event.seq
      if (struck !== null || event.seq !== at) continue
      struck = event
      await strike(victim)
      break
    }
    if (!['queued', 'running'].includes(await runStatus(run))) return struck
  }
}

const nextName = () => `m${++machine}`

async function isMade(name: string): Promise<void> {
  if ((await status(name)) !== 'active') await yard.done(name, 'create')
  expect(await yard.get(`/machines/${name}`, made)).toEqual({ status: 'active', last_error: null })
  expect(yard.there()).toContain(name)
}

async function isGone(name: string): Promise<void> {
  expect(['completed', 'nothing to do']).toContain(await yard.done(name, 'destroy'))
  expect(yard.there()).not.toContain(name)
  expect(Object.keys(await yard.states())).not.toContain(name)
}

/** Starts a run whose machine is held up in the middle, and waits until it is. */
async function held(name: string, operation: 'create' | 'destroy'): Promise<string> {
  yard.put(name, operation === 'create' ? 'hold' : 'hold-destroy')
  const run = await yard.start(name, operation)
  if (run === null) throw new Error('nothing to do')
  const word = operation === 'create' ? 'machine: creating' : 'place: destroying'
  for await (const event of yard.events(run)) if (event.message.includes(word)) return run
  throw new Error(`the run ended before ${word}`)
}

async function ended(run: string): Promise<string> {
  for await (const _ of yard.events(run)) continue
  return runStatus(run)
}

it('a server that is killed in a create: what OpenTofu makes without it is found, and not made again', async () => {
  const name = nextName()
  const run = await held(name, 'create')
  await server.kill()
  yard.take(name, 'hold')
  await until('OpenTofu has ended', () => tofus().length === 0)
  expect(yard.there()).toEqual([name])
  server = await yard.serve()
  expect(await ended(run)).toBe('completed')
  await isMade(name)
  expect(yard.did(name)).toEqual(['made'])
  await isGone(name)
})

it('an OpenTofu that is killed in a create: the machine is brought to its end by the same wish', async () => {
  const name = nextName()
  const run = await held(name, 'create')
  killTofu()
  yard.take(name, 'hold')
  expect(await ended(run)).toBe('failed')
  expect(await status(name)).toBe('failed')
  await isMade(name)
  expect(yard.did(name)).toEqual(['made'])
  await isGone(name)
})

it('an OpenTofu that is killed when all is made, and before it could tell where: the same wish hears that', async () => {
  const name = nextName()
  expect(await yard.done(name, 'create')).toBe('completed')
  const [purpose, sealer] = [machineStatePurpose(name), yard.sealer()]
  const rows = z.array(z.object({ sealed: z.string() }))
  const [row] = rows.parse(await yard.query('SELECT sealed FROM machine_states WHERE name = $1', [name]))
  const state = z.looseObject({ outputs: z.record(z.string(), z.unknown()) })
  const whole = state.parse(JSON.parse(sealer.open(purpose, row?.sealed ?? '')))
  expect(Object.keys(whole.outputs)).toContain('addresses')
  const untold = sealer.seal(purpose, JSON.stringify({ ...whole, outputs: {} }))
  await yard.query('UPDATE machine_states SET sealed = $2 WHERE name = $1', [name, untold])
  await yard.query(`UPDATE machines SET status = 'failed', last_error = 'killed', addresses = '[]' WHERE name = $1`, [
    name,
  ])
  await isMade(name)
  expect(yard.did(name)).toEqual(['made'])
  await isGone(name)
})

it.each(['create', 'destroy'] as const)('both are killed in a %s: the run goes on to its end', async operation => {
  const name = nextName()
  if (operation === 'destroy') expect(await yard.done(name, 'create')).toBe('completed')
  const run = await held(name, operation)
  await strike('both')
  yard.take(name, operation === 'create' ? 'hold' : 'hold-destroy')
  expect(await ended(run)).toBe('completed')
  if (operation === 'create') await isMade(name)
  await isGone(name)
})

it('a command that was its own server is killed: the same command goes on with its run', async () => {
  const name = nextName()
  await server.stop()
  yard.put(name, 'hold')
  const command = ['machine', 'create', name, '-f', yard.file, '--yes']
  const child = yard.desk.start(command)
  await until('OpenTofu is at it', () => yard.there().includes(name))
  child.kill('SIGKILL')
  await once(child, 'close')
  yard.take(name, 'hold')
  const again = await yard.desk.slipway(command)
  expect(again, again.stderr).toMatchObject({ code: 0 })
  expect(again.stderr).toMatch(/Run \w+ of m\d+ was interrupted; going on with it/)
  const runs = await yard.desk.slipway(['runs', '--machine', name, '-o', 'json'])
  expect(JSON.parse(runs.stdout)).toMatchObject([{ status: 'completed', title: `Create machine ${name}` }])
  server = await yard.serve()
  await isMade(name)
  await isGone(name)
})

const everywhere: readonly Victim[] = process.env['SLIPWAY_SOAK'] ? ['server', 'tofu', 'both'] : []
describe.each(everywhere)('kill -9 of %s', victim => {
  it.each(['create', 'destroy'] as const)(
    'at every event of a %s',
    async operation => {
      for (let at = 1, left = true; left; at++) {
        const name = nextName()
        if (operation === 'destroy') expect(await yard.done(name, 'create')).toBe('completed')
        left = (await struckAt(name, operation, at, victim)) !== null
        if (operation === 'create') await isMade(name)
        await isGone(name)
      }
    },
    1_800_000,
  )
})
