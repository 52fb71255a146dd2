import { once } from 'node:events'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { until } from '../until.ts'
import { clusterText } from './clusterText.ts'
import { type Desk, openDesk } from './command.ts'

/** A run whose process has ended, and the same command typed again; or another one. */
let desk: Desk
beforeEach(async () => {
  desk = await openDesk({ machines: 'folders' })
  await write()
  await mkdir(join(desk.world, 'm1'), { recursive: true })
})
afterEach(async () => desk[Symbol.asyncDispose]())

const write = (version?: string) =>
  writeFile(
    join(desk.folder, 'cluster.yaml'),
    clusterText({ name: 'demo', servers: ['m1'], workers: ['w1'], ...(version && { version }) }),
  )
const held = () => join(desk.world, 'm1', 'hold')
const apply = (...more: string[]) => ['apply', '-f', 'cluster.yaml', ...more]
const listed = z.array(z.object({ id: z.string(), status: z.string(), executed: z.boolean().nullable() }))
const runs = async () => listed.parse(JSON.parse((await desk.slipway(['runs', 'demo', '-o', 'json'])).stdout))
const newest = async () => (await runs())[0]?.id ?? ''
const said = ({ stdout, stderr }: { stdout: string; stderr: string }) => stdout + stderr

/** An apply that ends while it works on m1. */
const interrupted = (signal: NodeJS.Signals, ...more: string[]): Promise<string> =>
  interruptedAt('m1', signal, apply('--yes', ...more))

/** A command that ends while it works on a machine. Gives its run. */
async function interruptedAt(host: string, signal: NodeJS.Signals, words: readonly string[]): Promise<string> {
  const hold = join(desk.world, host, 'hold')
  await writeFile(hold, '')
  const child = desk.start(words)
  let shown = ''
  child.stdout.resume()
  child.stderr.on('data', (data: Buffer) => (shown += data.toString()))
  await until(`${host} is worked on`, () => shown.includes(`working on ${host}`))
  child.kill(signal)
  await once(child, 'close')
  await rm(hold)
  return newest()
}

/** Ctrl-C ends a command that is its own server as SIGTERM does (test/cli/signals). */
const signals = ['SIGKILL', 'SIGTERM', ...(process.env['SLIPWAY_SOAK'] ? (['SIGINT'] as const) : [])] as const

describe('apply of the same file after its process has ended', () => {
  it.each(signals)('goes on with the run that was interrupted (%s)', async signal => {
    const run = await interrupted(signal)
    const again = await desk.slipway(apply())
    expect(said(again)).toContain(`Run ${run} was interrupted at test/machine:m1; going on with it (plan `)
    expect(again.code).toBe(0)
    expect(await runs()).toEqual([{ id: run, status: 'completed', executed: null }])
    const last = await desk.slipway(apply())
    expect(last).toMatchObject({ code: 0, stdout: 'demo: nothing to do\n' })
  })

  it('and scale add with the same nodes does so as well, but not with other ones', async () => {
    expect((await desk.slipway(apply('--yes'))).code).toBe(0)
    await mkdir(join(desk.world, 'w4'))
    const add = (...nodes: string[]) => ['scale', 'add', 'demo', ...nodes]
    const run = await interruptedAt('w4', 'SIGKILL', add('w4=10.0.0.24', '--yes'))
    const other = await desk.slipway(add('w5=10.0.0.25', '--yes'))
    expect(other.code).toBe(6)
    expect(said(other)).toContain(`slipway scale add demo w5=10.0.0.25 --yes --supersede ${run}`)
    const again = await desk.slipway(add('w4=10.0.0.24'))
    expect(said(again)).toContain(`Run ${run} was interrupted at test/machine:w4; going on with it (plan `)
    expect(again.code).toBe(0)
    expect((await runs())[0]).toEqual({ id: run, status: 'completed', executed: null })
  })

  it.each([
    ['scale remove', 'w1', ['scale', 'remove', 'demo', 'w1'], ['--timeout', '60'], 'it does something else'],
    [
      'node replace',
      'w4',
      ['node', 'replace', 'demo', 'w1', 'w4=10.0.0.24'],
      ['--delete-unmanaged'],
      'it does something else',
    ],
  ] as const)('and %s does so as well, but not in another way', async (_name, host, words, another, why) => {
    expect((await desk.slipway(apply('--yes'))).code).toBe(0)
    await mkdir(join(desk.world, host), { recursive: true })
    const typed = [...words, '--accept', 'no-room-for-pods']
    const run = await interruptedAt(host, 'SIGKILL', [...typed, '--yes'])
    const other = await desk.slipway([...typed, ...another, '--yes'])
    expect([other.code, said(other)]).toEqual([6, expect.stringContaining(why)])
    const again = await desk.slipway(typed)
    expect(said(again)).toMatch(new RegExp(`Run ${run} was interrupted at test/\\w+:${host}; going on with it`))
    expect(again.code).toBe(0)
    expect((await runs())[0]).toEqual({ id: run, status: 'completed', executed: null })
  })

  it('tells of that run as data', async () => {
    const run = await interrupted('SIGKILL')
    const again = await desk.slipway(apply('-o', 'json'))
    expect(JSON.parse(again.stdout)).toMatchObject({ run, status: 'completed', error: null })
  })

  it('takes the hash that was approved then, and no other one', async () => {
    const run = await interrupted('SIGKILL')
    const other = await desk.slipway(apply('--approve', '0123456789ab'))
    expect(other.code).toBe(6)
    expect(said(other)).toContain(`slipway apply -f cluster.yaml --approve 0123456789ab --supersede ${run}`)
    const [{ plan_hash: hash } = { plan_hash: '' }] = z
      .array(z.object({ plan_hash: z.string() }))
      .parse(JSON.parse((await desk.slipway(['runs', 'demo', '-o', 'json'])).stdout))
    expect((await desk.slipway(apply('--approve', hash.slice(0, 12)))).code).toBe(0)
    expect(await runs()).toMatchObject([{ id: run, status: 'completed' }])
  })

  it('refuses where somebody is at it, and says who', async () => {
    await writeFile(held(), '')
    const first = desk.start(apply('--yes'))
    let shown = ''
    first.stderr.on('data', (data: Buffer) => (shown += data.toString()))
    first.stdout.resume()
    await until('m1 is worked on', () => shown.includes('working on m1'))
    const run = await newest()
    const second = await desk.slipway(apply('--yes'))
    expect(second.code).toBe(6)
    expect(said(second)).toContain(`run ${run} is changing cluster demo: process ${first.pid} on `)
    expect(said(second)).toContain(`slipway logs -f ${run}`)
    await rm(held())
    expect(await once(first, 'close')).toEqual([0, null])
  })
})

describe('plan while a run is unfinished', () => {
  const plan = async (...more: string[]) => (await desk.slipway(['plan', ...more])).stderr

  it('says where it was interrupted and that apply goes on with it, or would end it first', async () => {
    const run = await interrupted('SIGKILL')
    for (const words of [['-f', 'cluster.yaml'], ['demo']])
      expect(await plan(...words)).toMatch(
        new RegExp(`^Run ${run} was interrupted at test/machine:m1; apply goes on with it \\(plan [0-9a-f]{12}, `),
      )
    const shown = await desk.slipway(['plan', '-f', 'cluster.yaml', '-o', 'json'])
    expect(JSON.parse(shown.stdout)).toMatchObject({ subject: { kind: 'cluster', name: 'demo' } })
    await write('v1.35.0+rke2r1')
    expect(await plan('-f', 'cluster.yaml')).toContain(
      `nobody executes it, and it does something else than is asked for now: apply asks before it ends it (--supersede ${run})`,
    )
  })

  it('says that it failed, or that it is under way, and what apply does then', async () => {
    await writeFile(join(desk.world, 'm1', 'fail'), '')
    expect((await desk.slipway(apply('--yes'))).code).toBe(4)
    const run = await newest()
    expect(await plan('-f', 'cluster.yaml')).toContain(`Run ${run} failed; apply puts a new run in its place`)
    await rm(join(desk.world, 'm1', 'fail'))
    await writeFile(held(), '')
    const child = desk.start(['resume', run])
    let shown = ''
    child.stdout.resume()
    child.stderr.on('data', (data: Buffer) => (shown += data.toString()))
    await until('m1 is worked on', () => shown.includes('working on m1'))
    expect(await plan('-f', 'cluster.yaml')).toContain(`Run ${run} is under way; until it has ended, apply is refused.`)
    await rm(held())
    expect(await once(child, 'close')).toEqual([0, null])
    expect(await plan('-f', 'cluster.yaml')).toBe('')
  })
})

describe('apply that finds nothing left to do of a run that ended badly', () => {
  const done = async () => {
    for (const machine of ['m1', 'w1']) {
      await mkdir(join(desk.world, machine), { recursive: true })
      await writeFile(join(desk.world, machine, 'version'), 'v1.34.1+rke2r1')
    }
    await writeFile(join(desk.world, 'demo.finished'), '')
  }
  const failing = async () => {
    await writeFile(join(desk.world, 'm1', 'fail'), '')
    expect((await desk.slipway(apply('--yes'))).code).toBe(4)
  }
  const cancelling = async () => {
    const run = await interrupted('SIGTERM')
    await desk.slipway(['cancel', run])
    await until('it is cancelled', async () => (await runs())[0]?.status === 'cancelled')
  }

  it.each([
    ['failed', 'failed', failing],
    ['cancelled', 'was cancelled', cancelling],
  ])('settles it, and status says so as well: %s', async (status, told, begin) => {
    await begin()
    const run = await newest()
    expect((await desk.slipway(['status'])).stdout).toContain(`${run} ${status}`)
    await done()
    const planned = await desk.slipway(['plan', '-f', 'cluster.yaml'])
    expect(planned).toMatchObject({
      code: 0,
      stdout: 'demo: nothing to do\n',
      stderr: `Run ${run} ${told}, and nothing of it is left to do: apply settles it.\n`,
    })
    expect(await desk.slipway(apply())).toMatchObject({
      code: 0,
      stdout: 'demo: nothing to do\n',
      stderr: `Run ${run} is settled: nothing of it is left to do.\n`,
    })
    for (const command of ['status', 'runs'])
      expect((await desk.slipway([command, ...(command === 'runs' ? ['demo'] : [])])).stdout).toMatch(
        new RegExp(`${run} +settled, nothing was left to do`),
      )
    const resumed = await desk.slipway(['resume', run])
    expect(resumed.code).toBe(2)
    expect(resumed.stderr).toContain('Nothing was left of it to do')
    expect(await desk.slipway(apply())).toMatchObject({ code: 0, stdout: 'demo: nothing to do\n', stderr: '' })
  })

  it('leaves it as it is while something of it is left or in the way', async () => {
    await failing()
    await done()
    await writeFile(join(desk.world, 'm1', 'finding'), 'the disk is full')
    expect((await desk.slipway(apply('--yes'))).code).toBe(5)
    expect(await runs()).toMatchObject([{ status: 'failed' }])
  })
})

describe('apply of another file after a crash', () => {
  it.each([
    ['another version', 'SIGKILL', async () => write('v1.35.0+rke2r1'), []],
    ['another acceptance', 'SIGTERM', async () => {}, ['--accept', 'even-servers']],
  ] as const)('names the command that puts it in its place: %s (%s)', async (_what, signal, change, more) => {
    const run = await interrupted(signal)
    await change()
    const refused = await desk.slipway(apply('--yes', ...more))
    expect(refused.code).toBe(6)
    expect(said(refused)).toContain(`run ${run} was interrupted, nobody executes it`)
    expect(said(refused)).toContain('error[lease-held] A run of this cluster or machine has not ended yet\n')
    if (more[0] === '--accept')
      expect(said(refused)).toContain(
        'approved with no warning accepted, and this is to be done with --accept even-servers',
      )
    const command = /slipway (apply .* --supersede \S+?)\. Or/.exec(said(refused))?.[1] ?? ''
    expect(command).toBe(['apply -f cluster.yaml', ...more, '--yes --supersede', run].join(' '))
    const done = await desk.slipway(command.split(' '))
    expect(said(done)).toContain('completed')
    expect(done.code).toBe(0)
    const [second, first] = await runs()
    expect(second).toMatchObject({ status: 'completed' })
    expect(first).toMatchObject({ id: run, status: 'superseded' })
  })

  it.each([
    ['another version', 'SIGTERM', 'v1.35.0+rke2r1', []],
    ['another acceptance', 'SIGKILL', undefined, ['--accept', 'even-servers']],
    ['another approval', 'SIGHUP', undefined, ['--approve', '0123456789ab']],
  ] as const)('names the command that goes on with it: %s (%s)', async (_what, signal, version, more) => {
    const run = await interrupted(signal)
    await write(version)
    const refused = await desk.slipway(apply('--yes', ...more))
    expect(refused.code).toBe(6)
    expect(said(refused)).toContain(`run ${run} was interrupted, nobody executes it`)
    const command = /as it was planned: slipway (.*)\.$/m.exec(said(refused))?.[1] ?? ''
    expect(command).toBe(`resume ${run} --as-planned`)
    const done = await desk.slipway(command.split(' '))
    expect(said(done)).toContain('completed')
    expect(done.code).toBe(0)
    expect(await runs()).toEqual([{ id: run, status: 'completed', executed: null }])
    expect(await readFile(join(desk.world, 'm1', 'version'), 'utf8')).toBe('v1.34.1+rke2r1')
    // What the file asks for now is planned as if nothing had been in its way.
    const next = await desk.slipway(['plan', '-f', 'cluster.yaml'])
    expect(next.code).toBe(0)
    expect(said(next)).toContain(version === undefined ? 'nothing to do' : `install ${version}`)
  })

  it('asks on a terminal, and leaves the run as it is when the answer is no', async () => {
    const run = await interrupted('SIGKILL')
    await write('v1.35.0+rke2r1')
    const terminal = desk.onTerminal(apply('--yes'))
    await until('it asks', () => terminal.shown().includes(`End run ${run} and do this instead?`))
    terminal.press('n\r')
    expect(await terminal.ended).toBe(5)
    expect(await runs()).toMatchObject([{ id: run, status: 'running', executed: false }])
    const other = desk.onTerminal(apply('--yes'))
    await until('it asks', () => other.shown().includes('and do this instead?'))
    other.press('y\r')
    expect(await other.ended).toBe(0)
    expect(await runs()).toMatchObject([{ status: 'completed' }, { id: run, status: 'superseded' }])
    expect(await readFile(join(desk.world, 'm1', 'version'), 'utf8')).toBe('v1.35.0+rke2r1')
  })
})
