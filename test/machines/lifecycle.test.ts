import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { z } from 'zod'
import { tofu } from '../../lab/terraform/cloud.ts'
import { temporaryFolder } from '../store/temporaryFolder.ts'
import { writeProgram } from './cloudDesk.ts'
import { openYard, type Yard } from './yard.ts'

/** Machines from nothing to nothing again, by the real OpenTofu: what a user types, and what becomes of it. */
let yard: Yard
/** The first words of what was asked of OpenTofu, a line each. */
const calls = join(temporaryFolder('tofu'), 'calls')
beforeAll(async () => {
  const program = join(dirname(calls), 'tofu')
  writeProgram(program, `echo "$1" >> '${calls}'\nexec '${tofu()}' "$@"\n`)
  yard = await openYard(3, { SLIPWAY_TERRAFORM: program })
  await yard.serve()
})
afterAll(async () => {
  await yard?.[Symbol.asyncDispose]()
  rmSync(dirname(calls), { recursive: true })
})

const create = (...args: string[]) => yard.desk.slipway(['machine', 'create', ...args, '-f', yard.file])
const destroy = (...args: string[]) => yard.desk.slipway(['machine', 'destroy', ...args])
const detail = z.object({
  status: z.string(),
  addresses: z.array(z.string()),
  resources: z.array(z.string()),
  outputs: z.record(z.string(), z.unknown()),
  last_error: z.string().nullable(),
})
const countBy = (words: readonly string[]): Readonly<Record<string, number>> =>
  Object.fromEntries([...new Set(words)].map(word => [word, words.filter(one => one === word).length]))
const shown = (name: string) => yard.get(`/machines/${name}`, detail)

it('a plan says what Terraform would make, and changes nothing', async () => {
  const { code, stdout } = await create('m1', '--dry-run')
  expect(code).toBe(0)
  expect(stdout).toContain('+ create terraform_data.place')
  expect(stdout).toContain('+ create terraform_data.machine')
  expect(yard.there()).toEqual([])
  expect(await yard.states()).toEqual({})
})

it('several are approved as one: with another one among them it is another plan', async () => {
  const planned = await create('m1', 'm3', '--dry-run', '-o', 'json')
  const { hash } = z
    .object({ hash: z.string(), plans: z.array(z.unknown()).length(2) })
    .parse(JSON.parse(planned.stdout))
  const other = await create('m1', 'm2', '--approve', hash)
  expect(other, other.stderr).toMatchObject({ code: 5, stderr: expect.stringContaining('error[plan-changed]') })
  expect(yard.there()).toEqual([])
})

it('a machine that never was is told from one that is gone', async () => {
  const { code, stdout } = await destroy('nobody', '--yes')
  expect({ code, stdout }).toEqual({
    code: 0,
    stdout: 'nobody: nothing to do; no machine of this name was ever made here\n',
  })
})

it('machines are made side by side, each with a state of its own, and there is nothing to do afterwards', async () => {
  writeFileSync(calls, '')
  const made = await create('m1', 'm3', '--yes')
  expect(made, made.stderr).toMatchObject({ code: 0 })
  // The run does what was shown a moment ago; what is initialised is so for both since the first look.
  expect(countBy(readFileSync(calls, 'utf8').trim().split('\n'))).toEqual({ plan: 2, show: 2, apply: 2 })
  expect(yard.there()).toEqual(['m1', 'm3'])
  expect(await shown('m1')).toMatchObject({
    status: 'active',
    addresses: ['127.9.0.1'],
    resources: ['terraform_data.machine', 'terraform_data.place'],
    outputs: { cpus: 1 },
  })
  expect(Object.keys(await yard.states())).toEqual(['m1', 'm3'])
  const again = await create('m1', '--yes')
  expect(again).toMatchObject({ code: 0, stdout: expect.stringContaining('m1: nothing to do') })
})

it('ssh leads to the machine, with the host key that was pinned', async () => {
  const ssh = () => yard.desk.slipway(['machine', 'ssh', 'm1', '--', 'hostname; exit 7'])
  expect(await ssh()).toMatchObject({ code: 7, stdout: 'm1\n' })
  const pinned = `SELECT key_lines FROM host_keys WHERE cluster = 'machine m1'`
  const [before] = z.array(z.object({ key_lines: z.string() })).parse(await yard.query(pinned))
  const put = (lines: string) => yard.query(`UPDATE host_keys SET key_lines = $1 WHERE cluster = 'machine m1'`, [lines])
  await put(before?.key_lines.replace(/.{8}$/m, 'AAAAAAAA') ?? '')
  expect(await ssh()).toMatchObject({ code: 255, stderr: expect.stringContaining('Host key verification failed') })
  const refused = await create('m1', '--yes')
  expect(refused, refused.stderr).toMatchObject({ code: 5, stderr: expect.stringContaining('(machine-key-changed)') })
  const accepted = await create('m1', '--accept', 'machine-key-changed', '--yes')
  expect(accepted, accepted.stderr).toMatchObject({ code: 0 })
  expect(await ssh()).toMatchObject({ code: 7, stdout: 'm1\n' })
  expect(await yard.query(pinned)).toEqual([before])
})

it('a machine that lets nobody in is not as it should be, whatever Terraform knows of it', async () => {
  const check = () => yard.desk.slipway(['machine', 'check', 'm1'])
  expect(await check()).toMatchObject({ code: 0, stdout: 'm1: nothing was found\n' })
  const put = (address: string) =>
    yard.query(`UPDATE machines SET addresses = $1 WHERE name = 'm1'`, [JSON.stringify([address])])
  await put('127.9.9.9')
  expect(await check()).toMatchObject({
    code: 3,
    stdout: expect.stringMatching(
      /machine m1: it does not answer at 127\.9\.9\.9: .*the login of \S+ runs no commands[^]*\(machine-silent\)/,
    ),
  })
  // Terraform would change nothing; the machine is not there none the less.
  const planned = await create('m1', '--dry-run')
  expect(planned.stdout).toMatch(/it does not answer as itself\n +~ wait until it answers/)
  await put('127.9.0.1')
  expect(await create('m1', '--dry-run')).toMatchObject({ code: 0, stdout: 'm1: nothing to do\n' })
})

it('another setting is refused, and done with --change', async () => {
  const refused = await create('m1', '--cpus', '2', '--yes')
  expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('error[machine-exists]') })
  expect(refused.stderr).toContain('cpus nothing → 2')
  const done = await create('m1', '--cpus', '2', '--yes', '--change')
  expect(done).toMatchObject({ code: 0, stderr: expect.stringContaining('input 1 → 2') })
  expect(await shown('m1')).toMatchObject({ outputs: { cpus: 2 } })
})

it('what needs the machine anew has to be accepted; its address and host key are learnt again', async () => {
  const args = ['m1', '--cpus', '2', '--memory', '2GiB', '--yes', '--change']
  const refused = await create(...args)
  expect(refused).toMatchObject({ code: 5, stderr: expect.stringContaining('--accept machine-replaced') })
  expect(await shown('m1')).toMatchObject({ status: 'active' })
  const done = await create(...args, '--accept', 'machine-replaced')
  expect(done, done.stderr).toMatchObject({ code: 0 })
  expect(done.stderr).toContain('its host key and its address are forgotten')
  expect(await shown('m1')).toMatchObject({ status: 'active', addresses: ['127.9.0.1'] })
})

it('a create that fails tells what was made; the same command goes on, and destroy takes all of it away', async () => {
  const others = await yard.states()
  yard.put('m2', 'fail')
  const failed = await create('m2', '--yes')
  expect(failed).toMatchObject({ code: 4, stderr: expect.stringContaining('no place for m2') })
  expect(failed.stderr).toContain('slipway machine destroy m2')
  expect(await shown('m2')).toMatchObject({
    status: 'failed',
    last_error: expect.stringContaining('no place for m2'),
    resources: ['terraform_data.machine', 'terraform_data.place'],
  })
  yard.take('m2', 'fail')
  const again = await create('m2', '--yes')
  expect(again, again.stderr).toMatchObject({ code: 0 })
  expect(again.stderr).toContain('take away terraform_data.machine, which was not made to its end, and make it anew')
  const { m2: _, ...beside } = await yard.states()
  expect(beside).toEqual(others)
})

it('a destroy that fails leaves what it could not take away; it says nothing to do when all is gone', async () => {
  yard.put('m2', 'fail-destroy')
  expect(await destroy('m2', '--yes')).toMatchObject({ code: 4 })
  expect(await shown('m2')).toMatchObject({ status: 'failed', resources: ['terraform_data.place'] })
  yard.take('m2', 'fail-destroy')
  expect(await destroy('m2', '--yes')).toMatchObject({ code: 0 })
  expect(yard.there()).toEqual(['m1', 'm3'])
  expect(Object.keys(await yard.states())).toEqual(['m1', 'm3'])
  expect(await destroy('m2', '--yes')).toMatchObject({ code: 0, stdout: expect.stringContaining('m2: nothing to do') })
})
