import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createServer, type Server as TcpServer } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { clusterText } from './clusterText.ts'
import { type Desk, openDesk } from './command.ts'
import { until } from '../until.ts'

let desk: Desk
beforeEach(async () => {
  desk = await openDesk({ machines: 'folders' })
  await writeFile(join(desk.folder, 'cluster.yaml'), clusterText())
})
afterEach(() => desk[Symbol.asyncDispose]())

async function tell(hostname: string, what: string): Promise<void> {
  await mkdir(join(desk.world, hostname), { recursive: true })
  await writeFile(join(desk.world, hostname, what), '')
}
const untell = (hostname: string, what: string) => rm(join(desk.world, hostname, what))
const executed = async () =>
  existsSync(join(desk.world, 'executed'))
    ? (await readFile(join(desk.world, 'executed'), 'utf8')).trim().split('\n').toSorted()
    : []
const json = async (...args: readonly string[]): Promise<unknown> => {
  const ended = await desk.slipway([...args, '-o', 'json'])
  if (ended.code !== 0) throw new Error(ended.stderr)
  return JSON.parse(ended.stdout)
}
const apply = () => desk.slipway(['apply', '-f', 'cluster.yaml', '--yes'])
const startApply = () => desk.start(['apply', '-f', 'cluster.yaml', '--yes'])
/** An apply that has come to m1, and stays there until that is no longer held. */
async function heldApply() {
  await tell('m1', 'hold')
  const applying = startApply()
  const applied = once(applying, 'close')
  await until('m1 is worked on', async () => (await executed()).includes('m1'))
  return { applying, applied }
}
async function killedApply(): Promise<void> {
  const { applying, applied } = await heldApply()
  applying.kill('SIGKILL')
  await applied
  await untell('m1', 'hold')
}

describe('a server', () => {
  it('keeps token, key and note to its user, and removes the note at its end', async () => {
    const server = await desk.serve()
    for (const name of ['token', 'sealing-key', 'server.json'])
      expect((await stat(join(desk.home, name))).mode & 0o777).toBe(0o600)
    expect((await stat(desk.home)).mode & 0o777).toBe(0o700)
    expect(await readFile(`/proc/${server.pid}/cmdline`, 'utf8')).not.toContain(
      (await readFile(join(desk.home, 'token'), 'utf8')).trim(),
    )
    await server.stop()
    expect(existsSync(join(desk.home, 'server.json'))).toBe(false)
  })

  it('is used by commands, which start none of their own', async () => {
    const server = await desk.serve()
    expect(await apply()).toMatchObject({ code: 0 })
    expect(existsSync(join(desk.home, 'server.log'))).toBe(false)
    await server.stop()
  })

  it('says that it does not use a DATABASE_URL which only the command was given', async () => {
    const server = await desk.serve()
    const { code, stderr } = await desk.shell('DATABASE_URL=\'postgresql://x@127.0.0.1:1/x\' "$@" status')
    expect(code).toBe(0)
    expect(stderr).toContain(`DATABASE_URL is not used: the server that runs on ${desk.home} works with its embedded`)
    await server.stop()
  })

  it('refuses a folder that another one holds, with 6 and the name of the holder', async () => {
    const server = await desk.serve()
    const second = await desk.slipway(['serve', '--port', '0'])
    expect(second.code).toBe(6)
    expect(second.stderr).toContain(`process ${server.pid}`)
    expect(second.stderr).toContain(server.url)
    await server.stop()
  })

  it('refuses a port that is taken, and names who has it', async () => {
    const holder: TcpServer = createServer().listen(0, '127.0.0.1')
    await once(holder, 'listening')
    const address = holder.address()
    const port = typeof address === 'object' && address ? address.port : 0
    const ended = await desk.slipway(['serve', '--port', String(port)])
    holder.close()
    expect(ended.code).toBe(6)
    expect(ended.stderr).toContain(`port ${port} of 127.0.0.1: process ${process.pid}`)
  })

  it('that was killed leaves a note that misleads nobody', async () => {
    const server = await desk.serve()
    await server.kill()
    expect(existsSync(join(desk.home, 'server.json'))).toBe(true)
    expect(await json('status')).toEqual([])
  })

  it('removes what a killed one left in memory', async () => {
    await (await desk.serve()).kill()
    const [left] = await desk.memoryFolders()
    const server = await desk.serve()
    expect(await desk.memoryFolders()).toEqual([expect.not.stringMatching(`^${left}$`)])
    await server.stop()
  })

  it('goes on with a run that a killed one left, and the command that follows it sees its end', async () => {
    await tell('m1', 'hold')
    const first = await desk.serve()
    const applying = startApply()
    const [ended, stderr] = [once(applying, 'close'), text(applying.stderr)]
    await until('m1 is worked on', async () => (await executed()).includes('m1'))
    const nodes = () => json('nodes', 'demo')
    await until('w1 is complete', async () => Object(await nodes())[1].status === 'active')
    await first.kill()
    const second = await desk.serve()
    await untell('m1', 'hold')
    expect(await ended).toEqual([0, null])
    expect(await stderr).toContain('run-taken-over')
    expect(await json('runs', 'demo')).toMatchObject([{ status: 'completed' }])
    expect((await executed()).filter(name => name === 'w1')).toEqual(['w1'])
    await second.stop()
  })

  it('stopped in the middle of a run leaves it to the next one, and nothing in memory folders', async () => {
    await tell('m1', 'hold')
    const server = await desk.serve()
    const applying = startApply()
    await until('m1 is worked on', async () => (await executed()).includes('m1'))
    applying.kill('SIGKILL')
    await server.stop()
    expect(await desk.memoryFolders()).toEqual([])
    await untell('m1', 'hold')
    const next = await desk.serve()
    await until('the run is completed', async () => Object(await json('runs', 'demo'))[0].status === 'completed')
    await next.stop()
  })
})

describe('without a server', () => {
  it('a command that only looks does not execute what an earlier one left', async () => {
    await killedApply()
    expect(await json('runs', 'demo')).toMatchObject([{ status: 'running', executed: false }])
    expect((await desk.slipway(['status'])).stdout).toContain('running, waits for a server')
    expect(await json('nodes', 'demo')).toMatchObject([{ hostname: 'm1', status: 'installing' }, {}])
  })

  it('resume goes on with a run whose command was killed', async () => {
    await killedApply()
    const [run] = Object(await json('runs', 'demo'))
    expect(await desk.slipway(['resume', run.id])).toMatchObject({ code: 0 })
  })

  it('serves the others until they have left', async () => {
    const { applied } = await heldApply()
    expect(await json('runs', 'demo')).toMatchObject([{ status: 'running', executed: true }])
    const following = desk.start(['logs', '-f', 'demo'])
    const [followed, output] = [once(following, 'close'), text(following.stdout)]
    await untell('m1', 'hold')
    expect(await applied).toEqual([0, null])
    expect(await followed).toEqual([0, null])
    expect(await output).toContain('m1 says line 3')
  })

  it('waits for another command that holds the folder, and gives up with 6 when that serves nobody', async () => {
    // What holds the lock here is `db migrate` at its slowest: a process that never listens.
    await desk.slipway(['db', 'migrate', 'up'])
    const script = `exec 9>>${desk.home}/lock; flock 9; echo held; sleep 60`
    const holder = spawn('bash', ['-c', script], { stdio: ['ignore', 'pipe', 'inherit'], detached: true })
    await once(holder.stdout, 'data')
    const ended = await desk.slipway(['status'])
    process.kill(-(holder.pid ?? 0), 'SIGKILL')
    expect(ended.code).toBe(6)
  })
})

describe('interrupted', () => {
  it('a command that is its own server ends in good order, with 130', async () => {
    await tell('m1', 'hold-look')
    const planning = desk.start(['plan', '-f', 'cluster.yaml'])
    const planned = once(planning, 'close')
    await until('m1 is looked at', () => existsSync(join(desk.world, 'm1', 'hold-look-seen')))
    expect(await desk.memoryFolders()).toHaveLength(1)
    planning.kill('SIGINT')
    expect(await planned).toEqual([130, null])
    expect(await desk.memoryFolders()).toEqual([])
    expect(existsSync(join(desk.home, 'server.json'))).toBe(false)
  })
})

describe('two at once', () => {
  it('of two applies of the same cluster one gets the run, the other 6', async () => {
    const server = await desk.serve()
    const { applied } = await heldApply()
    const second = await apply()
    expect(second.code).toBe(6)
    expect(second.stderr).toContain('lease-held')
    await untell('m1', 'hold')
    expect(await applied).toEqual([0, null])
    await server.stop()
  })

  it('applies that start at the same moment end with one run', async () => {
    const server = await desk.serve()
    const ended = await Promise.all([apply(), apply(), apply()])
    const codes = ended.map(({ code }) => code)
    expect(codes).toContain(0)
    expect(codes.filter(code => code !== 0 && code !== 6)).toEqual([])
    expect(await executed()).toEqual(['m1', 'w1'])
    await server.stop()
  })
})

describe('ending', () => {
  it('cancel ends a run in good order, and its follower with 7', async () => {
    const server = await desk.serve()
    const { applied } = await heldApply()
    const [run] = Object(await json('runs', 'demo'))
    expect(await desk.slipway(['cancel', run.id])).toMatchObject({ code: 0 })
    expect(await applied).toEqual([7, null])
    await untell('m1', 'hold')
    expect(await desk.slipway(['resume', run.id])).toMatchObject({ code: 0 })
    await server.stop()
  })

  it.each(['SIGINT', 'SIGTERM'] as const)('%s without a terminal leaves the run to the server', async signal => {
    const server = await desk.serve()
    const { applying, applied } = await heldApply()
    applying.kill(signal)
    expect(await applied).toEqual([130, null])
    expect(await json('runs', 'demo')).toMatchObject([{ status: 'running' }])
    await untell('m1', 'hold')
    await until('the run is completed', async () => Object(await json('runs', 'demo'))[0].status === 'completed')
    await server.stop()
  })

  it('a paused run shows what is different, ends with 5, and goes on when that is approved', async () => {
    const server = await desk.serve()
    await writeFile(join(desk.folder, 'cluster.yaml'), clusterText({ workers: ['w1', 'w2', 'w3'] }))
    await tell('w1', 'fail')
    const failed = await apply()
    expect(failed.code).toBe(4)
    await untell('w1', 'fail')
    await tell('m1', 'drift')
    const run = /slipway resume (\w+)/.exec(failed.stderr)?.[1] ?? ''
    const paused = await desk.slipway(['resume', run])
    expect(paused.code).toBe(5)
    expect(paused.stderr).toContain('restart it  m1')
    const hash = /slipway approve \w+ (\w+)/.exec(paused.stderr)?.[1] ?? ''
    expect(await desk.slipway(['approve', run, '0123456789ab'])).toMatchObject({ code: 5 })
    await untell('m1', 'drift')
    expect(await desk.slipway(['approve', run, hash])).toMatchObject({ code: 0 })
    await server.stop()
  })
})

describe('logs', () => {
  it('-f goes on behind what it has seen when the server is started again', async () => {
    await tell('w1', 'hold')
    const first = await desk.serve()
    const applying = startApply()
    const applied = once(applying, 'close')
    await until('w1 is worked on', async () => (await executed()).includes('w1'))
    const following = desk.start(['logs', '-f', 'demo', '--stage', 'machine:w1'])
    const followed = once(following, 'close')
    let seen = ''
    following.stdout.on('data', (data: Buffer) => (seen += data.toString()))
    await until('the log is shown', () => seen.includes('w1 says line 3'))
    await first.kill()
    const second = await desk.serve()
    await untell('w1', 'hold')
    expect(await followed).toEqual([0, null])
    expect(await applied).toEqual([0, null])
    // Once by the attempt that was killed, once by the one after it; nothing a third time.
    expect(seen.split('\n').filter(line => line === 'w1 says line 1')).toHaveLength(2)
    await second.stop()
  })
})
