import { connect, createServer, type Server, type Socket } from 'node:net'
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, afterEach, describe, expect, it } from 'vitest'
import { childrenWith, endChildren } from '../../src/processes/endChildren.ts'
import { markerEnvironment, workerVariable } from '../../src/processes/environment.ts'
import { z } from 'zod'
import { runProcess } from '../../src/processes/run.ts'
import { freePort } from '../freePort.ts'
import { until } from '../until.ts'
import { type LocalSshd, startSshd } from './localSshd.ts'
import { openWorkbench, type Workbench } from './workbench.ts'

let sshd: LocalSshd
let second: LocalSshd
let bench: Workbench

beforeAll(async () => {
  sshd = await startSshd()
  second = await startSshd('127.0.0.2')
})
afterAll(() => Promise.all([sshd.stop(), second.stop()]))
beforeEach(async () => {
  bench = await openWorkbench()
})
afterEach(async () => {
  expect(await bench.close()).toBe(0)
})

/** Processes that own a connection, of this worker. */
const masters = (worker: string) =>
  childrenWith(`${workerVariable}=${worker}`)
    .map(({ pid }) => pid)
    .filter(pid => readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes('ControlMaster=yes'))

describe('a connection', () => {
  it('runs commands, keeps outputs and exit codes apart, and feeds stdin', async () => {
    const hosts = await bench.open([sshd.target('m1')])
    expect(await hosts.run('m1', { command: 'cat; echo oops >&2; exit 7', stdin: 'in' })).toEqual({
      exitCode: 7,
      stdout: 'in',
      stderr: 'oops\n',
    })
    expect((await hosts.run('m1', { command: 'exit 255' })).exitCode).toBe(254)
  })

  it('is one for all commands, and stays warm for the next plan', async () => {
    const hosts = await bench.open([sshd.target('m1')])
    const ways = await Promise.all(
      [1, 2, 3].map(() => hosts.run('m1', { command: 'echo $SSH_CONNECTION' }).then(result => result.stdout)),
    )
    await hosts.close()
    const again = await bench.open([sshd.target('m1')])
    ways.push((await again.run('m1', { command: 'echo $SSH_CONNECTION' })).stdout)
    expect(new Set(ways).size).toBe(1)
  })

  it('is not shared between clusters, even for the same address', async () => {
    const ways = ['a', 'b'].map(async cluster => {
      const hosts = await bench.open([sshd.target('m1')], { cluster })
      return (await hosts.run('m1', { command: 'echo $SSH_CONNECTION' })).stdout
    })
    const [one, other] = await Promise.all(ways)
    expect(one).not.toBe(other)
  })

  it('serves ssh -F by node name and by address without a new login', async () => {
    const hosts = await bench.open([sshd.target('m1'), second.target('m2')])
    await hosts.connect('m1')
    const own = (await hosts.run('m1', { command: 'echo $SSH_CONNECTION' })).stdout
    for (const name of ['m1', sshd.address]) {
      const result = await runProcess('ssh', ['-F', hosts.sshConfig, name, 'echo $SSH_CONNECTION'], { environment: {} })
      expect(result.stdout).toBe(own)
    }
  })

  it('is opened again when it was lost', async () => {
    const hosts = await bench.open([sshd.target('m1')])
    await hosts.connect('m1')
    const [lost = 0] = masters(bench.worker)
    process.kill(lost, 'SIGKILL')
    const anew = async () => {
      await hosts.connect('m1')
      return masters(bench.worker).filter(pid => pid !== lost)
    }
    await expect.poll(anew, { timeout: 20_000 }).toHaveLength(1)
    // With the process that starts ssh all of them go.
    expect(await endChildren({ worker: bench.worker }, 0)).toBe(2)
    const back = () =>
      hosts.run('m1', { command: 'echo back' }).then(
        ({ stdout }) => stdout,
        () => null,
      )
    await expect.poll(back, { timeout: 20_000 }).toBe('back\n')
  })

  it('carries no attempt, so that the end of an attempt leaves it', async () => {
    const hosts = await bench.open([sshd.target('m1')])
    const { worker, attempt } = bench
    await hosts.run('m1', { command: 'true', environment: markerEnvironment({ worker, attempt }) })
    expect(await endChildren({ attempt })).toBe(0)
    expect(masters(worker)).toHaveLength(1)
  })

  it('ends with its server, also when that is killed', async () => {
    const script = join(import.meta.dirname, 'holdConnection.ts')
    const server = spawn(process.execPath, [script], { stdio: ['pipe', 'pipe', 'inherit'] })
    server.stdin.end(JSON.stringify([sshd.target('m1'), second.target('m2')]))
    const [line] = await once(server.stdout, 'data')
    const held = z.object({ worker: z.string(), directory: z.string() }).parse(JSON.parse(String(line)))
    const left = () => childrenWith(`${workerVariable}=${held.worker}`).length
    expect(masters(held.worker)).toHaveLength(2)
    server.kill('SIGKILL')
    await once(server, 'exit')
    await until('its connections are gone', () => left() === 0, 10_000)
    await rm(held.directory, { recursive: true })
  })

  it('ends when it was not used for its time', async () => {
    const impatient = await openWorkbench({ idle: 50 })
    const hosts = await impatient.open([sshd.target('m1')])
    await hosts.connect('m1')
    await new Promise(resolve => setTimeout(resolve, 200))
    expect(masters(impatient.worker)).toHaveLength(1)
    await hosts.close()
    await expect.poll(() => masters(impatient.worker), { timeout: 5000 }).toEqual([])
    await impatient.close()
  })

  it('puts keys and configuration where only we can read, and takes them away', async () => {
    const hosts = await bench.open([sshd.target('m1')])
    const folder = join(hosts.sshConfig, '..')
    expect((await stat(folder)).mode & 0o777).toBe(0o700)
    for (const name of await readdir(folder)) expect((await stat(join(folder, name))).mode & 0o777).toBe(0o600)
    await hosts.close()
    expect(existsSync(folder)).toBe(false)
  })

  it('passes over what a login prints before the command', async () => {
    await using chatty = await startSshd('127.0.0.3', [
      'SetEnv NOISE=1',
      'ForceCommand echo welcome; sh -c "$SSH_ORIGINAL_COMMAND"',
    ])
    const hosts = await bench.open([chatty.target('m1')])
    expect((await hosts.run('m1', { command: 'echo own' })).stdout).toBe('own\n')
  })
})

describe('an SSH agent', () => {
  it('is used without a key, and for the key that only it can open', async () => {
    const socket = join(bench.directory, 'agent')
    const agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: ['ignore', 'pipe', 'inherit'] })
    await once(agent.stdout, 'data')
    const file = join(bench.directory, 'key')
    await writeFile(file, sshd.identity, { mode: 0o600 })
    execFileSync('ssh-add', ['-q', file], { env: { ...process.env, SSH_AUTH_SOCK: socket } })
    execFileSync('ssh-keygen', ['-q', '-p', '-P', '', '-N', 'secret phrase', '-f', file])
    const before = process.env['SSH_AUTH_SOCK']
    process.env['SSH_AUTH_SOCK'] = socket
    const { identity: _, ...keyless } = sshd.target('m1')
    const hosts = await bench.open([
      keyless,
      sshd.target('m2', { identity: await readFile(file, 'utf8'), agent: true }),
    ])
    const said = await Promise.all(['m1', 'm2'].map(name => hosts.run(name, { command: 'echo in' })))
    if (before === undefined) delete process.env['SSH_AUTH_SOCK']
    else process.env['SSH_AUTH_SOCK'] = before
    expect(said.map(one => one.stdout)).toEqual(['in\n', 'in\n'])
    agent.kill()
  })

  it('that is missing is told before anything is dialled', async () => {
    const { identity: _, ...keyless } = sshd.target('m1')
    const hosts = await bench.open([keyless])
    await expect(hosts.connect('m1')).rejects.toMatchObject({
      code: 'authentication-failed',
      message: expect.stringContaining('no SSH agent'),
    })
  })
})

describe('what cannot be reached', () => {
  it('a closed port fails at once', async () => {
    const port = await freePort('127.0.0.1')
    const hosts = await bench.open([sshd.target('m1', { port })])
    const error = await hosts.connect('m1').catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'host-unreachable', message: expect.stringContaining('Connection refused') })
  })

  it('a host that turns strangers away for a moment, as sshd does when many come at once, is reached', async () => {
    let strangers = 0
    const door = await listening(stranger => {
      strangers += 1
      if (strangers < 3) return stranger.destroy()
      return stranger.pipe(connect(sshd.port, '127.0.0.1')).pipe(stranger)
    })
    const hosts = await bench.open([sshd.target('m1', { port: door.port })])
    expect((await hosts.run('m1', { command: 'echo in' })).stdout).toBe('in\n')
    expect(strangers).toBe(3)
    await hosts.close()
    door.server.close()
  })

  it('a host that turns everybody away fails within a few seconds, with the reason', async () => {
    const door = await listening(stranger => stranger.destroy())
    const hosts = await bench.open([sshd.target('m1', { port: door.port })])
    const started = performance.now()
    await expect(hosts.connect('m1')).rejects.toMatchObject({
      code: 'host-unreachable',
      message: expect.stringMatching(/cannot be reached: .*(closed|reset)/),
    })
    expect(performance.now() - started).toBeLessThan(5000)
    door.server.close()
  })

  it('a host that accepts and says nothing fails within the connect timeout', async () => {
    const { server, port } = await listening(() => {})
    const hosts = await bench.open([sshd.target('m1', { port })], { connectTimeout: 1 })
    const started = performance.now()
    await expect(hosts.connect('m1')).rejects.toMatchObject({ code: 'host-unreachable' })
    expect(performance.now() - started).toBeLessThan(4000)
    server.close()
  })

  it('a key with a passphrase and no agent is told before anything is dialled', async () => {
    const file = join(bench.directory, 'locked')
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', 'secret phrase', '-f', file])
    const hosts = await bench.open([sshd.target('m1', { identity: readFileSync(file, 'utf8') })])
    await expect(hosts.connect('m1')).rejects.toMatchObject({
      code: 'authentication-failed',
      message: expect.stringContaining('passphrase'),
    })
  })

  it('a command that does not end is ended on both sides', async () => {
    const hosts = await bench.open([sshd.target('m1')])
    const late = hosts.run('m1', { command: 'exec sleep 4711', timeout: 300 })
    await expect(late).rejects.toMatchObject({ code: 'stage-timeout' })
    const onHost = 'pgrep -c -x -f "sleep 4711"'
    const isEnded = async () => (await hosts.run('m1', { command: onHost })).stdout === '0\n'
    await until('it has ended on the host', isEnded, 15_000)
    const stop = new AbortController()
    const cancelled = hosts.run('m1', {
      command: 'echo up; sleep 30',
      signal: stop.signal,
      onStdout: () => stop.abort(),
    })
    await expect(cancelled).rejects.toMatchObject({ code: 'run-cancelled' })
    expect(await bench.connections.clients.run(() => Promise.resolve('a place is free'))).toBe('a place is free')
  })

  it('a reply without end is refused', async () => {
    const hosts = await bench.open([sshd.target('m1')])
    const endless = hosts.run('m1', { command: 'yes', maxOutput: 100_000 })
    await expect(endless).rejects.toMatchObject({ code: 'host-reply-invalid' })
  })
})

async function listening(onStranger: (stranger: Socket) => unknown): Promise<{ server: Server; port: number }> {
  const server = createServer(onStranger).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return { server, port: address.port }
}
