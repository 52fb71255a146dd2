import { createServer, type Server } from 'node:net'
import { existsSync, readFileSync } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, afterEach, describe, expect, it } from 'vitest'
import { fingerprint } from '../../src/hosts/hostKeys.ts'
import { isTransient } from '../../src/hosts/sshErrors.ts'
import { childrenWith, endChildren } from '../../src/processes/endChildren.ts'
import { workerVariable } from '../../src/processes/environment.ts'
import { freePort, type LocalSshd, startSshd } from './localSshd.ts'
import { openWorkbench, type Workbench } from './workbench.ts'

const hop = (one: LocalSshd) => ({ host: one.address, port: one.port, user: one.user, identity: one.identity })

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
    const { runProcess } = await import('../../src/processes/run.ts')
    const own = (await hosts.run('m1', { command: 'echo $SSH_CONNECTION' })).stdout
    for (const name of ['m1', sshd.address]) {
      const result = await runProcess('ssh', ['-F', hosts.sshConfig, name, 'echo $SSH_CONNECTION'], { environment: {} })
      expect(result.stdout).toBe(own)
    }
  })

  it('is opened again when it was lost', async () => {
    const hosts = await bench.open([sshd.target('m1')])
    await hosts.connect('m1')
    expect(await endChildren({ worker: bench.worker }, 0)).toBe(1)
    expect((await hosts.run('m1', { command: 'echo back' })).stdout).toBe('back\n')
  })

  it('carries no attempt, so that the end of an attempt leaves it', async () => {
    const hosts = await bench.open([sshd.target('m1')])
    await hosts.run('m1', { command: 'true', environment: { SLIPWAY_ATTEMPT: 'a1' } })
    expect(await endChildren({ attempt: 'a1' })).toBe(0)
    const [master] = childrenWith(`${workerVariable}=${bench.worker}`)
    expect(readFileSync(`/proc/${master?.pid}/cmdline`, 'latin1')).toContain('ControlMaster=yes')
  })

  it('ends when it was not used for its time', async () => {
    const impatient = await openWorkbench({ idle: 50 })
    const hosts = await impatient.open([sshd.target('m1')])
    await hosts.connect('m1')
    const marked = () => childrenWith(`${workerVariable}=${impatient.worker}`).length
    await new Promise(resolve => setTimeout(resolve, 200))
    expect(marked()).toBe(1)
    await hosts.close()
    const deadline = performance.now() + 5000
    while (marked() > 0 && performance.now() < deadline) await new Promise(resolve => setTimeout(resolve, 10))
    expect(marked()).toBe(0)
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
    const chatty = await startSshd('127.0.0.3', [
      'SetEnv NOISE=1',
      'ForceCommand echo welcome; sh -c "$SSH_ORIGINAL_COMMAND"',
    ])
    const hosts = await bench.open([chatty.target('m1')])
    expect((await hosts.run('m1', { command: 'echo own' })).stdout).toBe('own\n')
    await chatty.stop()
  })
})

describe('host keys', () => {
  it('are recorded at the first contact, and a changed one stops everything', async () => {
    const changing = await startSshd('127.0.0.4')
    const hosts = await bench.open([changing.target('m1')])
    await hosts.connect('m1')
    const [recorded] = await bench.knownHosts.list('demo')
    expect(recorded).toMatchObject({ host: 'm1', algorithm: 'ssh-ed25519' })
    await hosts.close()
    await endChildren({ worker: bench.worker })
    await changing.changeHostKey()
    const again = await bench.open([changing.target('m1')])
    const error = await again.run('m1', { command: 'true' }).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'host-key-changed' })
    const facts: unknown = error instanceof Error && 'facts' in error ? error.facts : undefined
    expect(facts).toMatchObject({
      host: 'm1',
      recorded: recorded && fingerprint(recorded),
      shown: expect.stringMatching(/^SHA256:/),
    })
    expect(isTransient(error)).toBe(false)
    expect(await bench.knownHosts.list('demo')).toEqual([recorded])
    await changing.stop()
  })

  it('of two first contacts at the same moment: the one that was recorded counts', async () => {
    const hosts = await bench.open([sshd.target('m1')])
    await bench.knownHosts.record('demo', [
      { host: 'm1', algorithm: 'ssh-ed25519', key: 'AAAAC3NzaC1lZDI1NTE5AAAAIAAA' },
    ])
    await expect(hosts.connect('m1')).rejects.toMatchObject({ code: 'host-key-changed' })
    await expect(hosts.connect('m1')).rejects.toMatchObject({ code: 'host-key-changed' })
  })

  it('are not recorded for a host that refuses the login', async () => {
    const hosts = await bench.open([sshd.target('m1', { identity: second.identity })])
    await expect(hosts.connect('m1')).rejects.toMatchObject({ code: 'authentication-failed' })
    expect(await bench.knownHosts.list('demo')).toEqual([])
  })

  it('that were forgotten while the connection is warm are recorded again', async () => {
    const hosts = await bench.open([sshd.target('m1')])
    await hosts.connect('m1')
    await hosts.close()
    bench.knownHosts.keys.clear()
    const again = await bench.open([sshd.target('m1')])
    await again.connect('m1')
    expect(await bench.knownHosts.list('demo')).toHaveLength(1)
  })
})

describe('a way through jump hosts', () => {
  it('pins the keys of every hop and uses the key of each', async () => {
    const jump = [hop(second)]
    const hosts = await bench.open([sshd.target('m1', { jump }), sshd.target('m2', { jump })])
    const [one] = await Promise.all(['m1', 'm2'].map(name => hosts.run(name, { command: 'echo $SSH_CONNECTION' })))
    expect(one?.stdout).toMatch(/^127\.0\.0\.\d/)
    expect((await bench.knownHosts.list('demo')).map(key => key.host).toSorted()).toEqual([
      `jump_${second.address}_${second.port}`,
      'm1',
      'm2',
    ])
  })

  it('works over two hops', async () => {
    const third = await startSshd('127.0.0.5', ['AllowTcpForwarding yes'])
    const hosts = await bench.open([sshd.target('m1', { jump: [hop(second), hop(third)] })])
    expect((await hosts.run('m1', { command: 'echo there' })).stdout).toBe('there\n')
    await third.stop()
  })

  it('stops at a jump host whose key has changed', async () => {
    const changing = await startSshd('127.0.0.6')
    const jump = [hop(changing)]
    const hosts = await bench.open([sshd.target('m1', { jump })])
    await hosts.connect('m1')
    await hosts.close()
    await endChildren({ worker: bench.worker })
    await changing.changeHostKey()
    const again = await bench.open([sshd.target('m1', { jump })])
    await expect(again.connect('m1')).rejects.toMatchObject({
      code: 'host-key-changed',
      message: expect.stringContaining('jump host'),
    })
    await changing.stop()
  })
})

describe('what cannot be reached', () => {
  it('a closed port fails at once and may be tried again', async () => {
    const port = await freePort('127.0.0.1')
    const hosts = await bench.open([sshd.target('m1', { port })])
    const error = await hosts.connect('m1').catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'host-unreachable', message: expect.stringContaining('Connection refused') })
    expect(isTransient(error)).toBe(true)
  })

  it('a host that accepts and says nothing fails within the connect timeout', async () => {
    const silent: Server = createServer(() => {}).listen(0, '127.0.0.1')
    await new Promise(resolve => silent.once('listening', resolve))
    const bound = silent.address()
    const port = typeof bound === 'object' && bound ? bound.port : 0
    const hosts = await bench.open([sshd.target('m1', { port })], { connectTimeout: 1 })
    const started = performance.now()
    await expect(hosts.connect('m1')).rejects.toMatchObject({ code: 'host-unreachable' })
    expect(performance.now() - started).toBeLessThan(4000)
    silent.close()
  })

  it('a key with a passphrase and no agent is told before anything is dialled', async () => {
    const { execFileSync } = await import('node:child_process')
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
    const stop = new AbortController()
    const cancelled = hosts.run('m1', {
      command: 'echo up; sleep 30',
      signal: stop.signal,
      onStdout: () => stop.abort(),
    })
    await expect(cancelled).rejects.toMatchObject({ code: 'run-cancelled' })
  })

  it('a reply without end is refused', async () => {
    const hosts = await bench.open([sshd.target('m1')])
    const endless = hosts.run('m1', { command: 'yes', maxOutput: 100_000 })
    await expect(endless).rejects.toMatchObject({ code: 'host-reply-invalid' })
  })
})
