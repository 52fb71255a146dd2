import { rmSync } from 'node:fs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { z } from 'zod'
import type { Terminal } from '../cli/command.ts'
import { until } from '../until.ts'
import { openYard, type Yard } from './yard.ts'

/** Runs of machines by the commands that tell of runs, go on with them and end them; several of them on a terminal. */

let yard: Yard
beforeAll(async () => {
  yard = await openYard(4, { NO_COLOR: undefined, CI: undefined })
  await yard.serve()
})
afterAll(() => yard?.[Symbol.asyncDispose]())

const slipway = (...args: string[]) => yard.desk.slipway(args)
const create = (...names: string[]) => slipway('machine', 'create', ...names, '-f', yard.file, '--yes')
const runsOf = async (machine: string) =>
  z
    .array(z.object({ id: z.string(), status: z.string(), title: z.string() }))
    .parse(JSON.parse((await slipway('runs', '--machine', machine, '-o', 'json')).stdout))

it('a create that failed is told by runs, events and logs, and resume goes on with it', async () => {
  yard.put('m1', 'fail')
  expect(await create('m1')).toMatchObject({ code: 4 })
  const [run] = await runsOf('m1')
  expect(run).toMatchObject({ status: 'failed', title: 'Create machine m1' })
  const id = run?.id ?? ''
  const stages = await slipway('runs', '--machine', 'm1', id)
  expect(stages).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^machine\/create:m1 +failed +Create machine m1/m),
  })
  expect(stages.stderr).toContain('no place for m1')
  expect(stages.stderr).toContain('slipway machine destroy m1')
  const logs = await slipway('logs', '--machine', 'm1')
  expect(logs).toMatchObject({ code: 0, stdout: expect.stringContaining('no place for m1') })
  expect((await slipway('logs', id)).stdout).toBe(logs.stdout)
  const events = await slipway('events', '--machine', 'm1', '--type', 'run-failed')
  expect(events.stdout).toMatch(new RegExp(`^\\S+  ${id}  run-failed  .*no place for m1`))
  expect((await slipway('events', '--type', 'run-failed')).stdout).toContain(`  machine m1  ${id}  run-failed`)

  expect(await slipway('resume', id)).toMatchObject({ code: 4, stderr: expect.stringContaining('no place for m1') })
  yard.take('m1', 'fail')
  const resumed = await slipway('resume', id)
  expect(resumed).toMatchObject({ code: 0, stderr: expect.stringContaining('Create machine m1: completed') })
  expect(resumed.stderr).toContain('slipway machine show m1')
  expect(await slipway('resume', id)).toMatchObject({ code: 2, stderr: expect.stringContaining('run-state') })
})

it('the name of a machine where a cluster is meant leads to its own commands', async () => {
  for (const command of ['status', 'nodes', 'runs', 'events', 'logs', 'plan'])
    expect(await slipway(command, 'm1'), command).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/there is no cluster m1\n.*m1 is a machine: slipway machine show m1/),
    })
  expect(await slipway('status', 'nobody')).toMatchObject({
    code: 2,
    stderr: expect.not.stringContaining('is a machine'),
  })
  for (const command of ['runs', 'events', 'logs'])
    expect(await slipway(command, '--machine', 'nobody'), command).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('there is no machine nobody'),
    })
  expect(await slipway('events', 'demo', '--machine', 'm1')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('Name one of the two'),
  })
  expect(await slipway('machine', 'destroy', 'm1', '--supersede', 'x')).toMatchObject({ code: 2 })
})

it('a run of a machine is cancelled, and destroyed machines keep their runs', async () => {
  yard.put('m2', 'hold')
  const run = (await yard.start('m2', 'create')) ?? ''
  for await (const event of yard.events(run)) if (event.message.includes('machine: creating')) break
  const other = await slipway('machine', 'destroy', 'm2', '--yes')
  expect(other).toMatchObject({ code: 6, stderr: expect.stringContaining(`slipway logs -f ${run}`) })
  expect(await slipway('cancel', run)).toMatchObject({
    code: 0,
    stderr: expect.stringContaining(`Run ${run}: cancelled\n`),
  })
  yard.take('m2', 'hold')
  expect(await slipway('machine', 'destroy', 'm2', '--yes')).toMatchObject({ code: 0 })
  expect(await slipway('machine', 'show', 'm2')).toMatchObject({ code: 2 })
  expect((await runsOf('m2')).map(({ title, status }) => `${title}: ${status}`)).toEqual([
    'Destroy machine m2: completed',
    'Create machine m2: superseded',
  ])
  expect((await slipway('logs', '--machine', 'm2')).code).toBe(0)
})

it('an own provider without a search, whose machine has lost its state, says that nothing is taken away', async () => {
  await yard.query(`DELETE FROM machine_states WHERE name = 'm1'`)
  const again = await create('m1')
  expect(again).toMatchObject({
    code: 5,
    stderr: expect.stringContaining('another one would be made beside what folders has'),
  })
  const refused = await slipway('machine', 'destroy', 'm1', '--yes')
  expect(refused).toMatchObject({
    code: 5,
    stderr: expect.stringContaining('there is no Terraform state of it any more: nothing is taken away at folders'),
  })
  expect(refused.stderr).toContain('--accept machine-state-lost')
  const gone = await slipway('machine', 'destroy', 'm1', '--yes', '--accept', 'machine-state-lost')
  expect(gone, gone.stderr).toMatchObject({ code: 0 })
  expect(yard.there()).toEqual(['m1'])
  rmSync(`${yard.folder}/m1`, { recursive: true })
  rmSync(`${yard.folder}/at-127.9.0.1`)
})

it('a machine that another provider has made is left with it', async () => {
  await create('m1')
  const moved = await slipway(
    'machine',
    'create',
    'm1',
    '--provider',
    'existing',
    '--set',
    'address=127.9.0.1',
    '--change',
    '--yes',
  )
  expect(moved).toMatchObject({
    code: 5,
    stderr: expect.stringContaining('it was made by folders, and existing is to make it now'),
  })
  expect(await create('m1')).toMatchObject({ code: 0, stdout: 'm1: nothing to do\n' })
})

/** Its line, whichever of the words of Terraform it shows at this moment. */
const atWork = (name: string): RegExp => new RegExp(`[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏] ${name}  [\\d.]+ s  (on record: )?terraform_data\\.`)

const asked = async (...words: string[]): Promise<Terminal> => {
  const terminal = yard.desk.onTerminal(['machine', ...words])
  await until('it asks', () => terminal.shown().includes('Do this?'))
  return terminal
}

it('several of a file are shown as one plan and followed in a line each; one that fails is told at the end', async () => {
  yard.put('m3', 'hold')
  yard.put('m4', 'fail')
  const terminal = await asked('create', '-f', yard.file)
  expect(terminal.shown()).toContain('3 machines')
  expect(terminal.shown()).toContain('m1: nothing to do')
  for (const name of ['m2', 'm3', 'm4']) expect(terminal.shown()).toContain(`machine/${name}/terraform_data.machine`)
  expect(yard.there()).toEqual(['m1'])
  terminal.press('y\r')
  await until('m2 is made', () => /✔ m2 /.test(terminal.shown()))
  await until('m4 has failed', () => /✖ m4 .*failed: terraform_data\.machine/.test(terminal.shown()))
  expect(terminal.shown()).toMatch(atWork('m3'))
  expect(terminal.shown()).not.toMatch(/✔ m3 /)
  yard.take('m3', 'hold')
  expect(await terminal.ended).toBe(4)
  const end = terminal.shown().slice(terminal.shown().lastIndexOf('Create machine m2: completed'))
  expect(end).toContain('Create machine m3: completed')
  expect(end).toContain('2 of 3 machines are done; not done: m4')
  expect(end).toContain('slipway machine destroy m4')
})

it('Ctrl-C over several asks once, and cancels all of them', async () => {
  yard.take('m4', 'fail')
  for (const name of ['m2', 'm3']) yard.put(name, 'hold-destroy')
  const terminal = await asked('destroy', 'm2', 'm3')
  terminal.press('y\r')
  await until('both are at work', () =>
    ['m2', 'm3'].every(name => atWork(name).test(terminal.shown().slice(terminal.shown().indexOf('Do this?')))),
  )
  terminal.press('\u0003')
  await until('it asks again', () => terminal.shown().includes('d: detach'))
  terminal.press('c')
  expect(await terminal.ended).toBe(7)
  expect(terminal.shown()).toContain('0 of 2 machines are done; not done: m2, m3')
  for (const name of ['m2', 'm3']) yard.take(name, 'hold-destroy')
  expect(await slipway('machine', 'destroy', 'm1', 'm2', 'm3', 'm4', '--yes')).toMatchObject({ code: 0 })
  expect(yard.there()).toEqual([])
})
