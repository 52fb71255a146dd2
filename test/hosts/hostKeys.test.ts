import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { fingerprint } from '../../src/hosts/hostKeys.ts'
import { endChildren } from '../../src/processes/endChildren.ts'
import { type LocalSshd, startSshd } from './localSshd.ts'
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

describe('host keys', () => {
  it('are recorded at the first contact, and a changed one stops everything', async () => {
    await using changing = await startSshd('127.0.0.4')
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
    expect(await bench.knownHosts.list('demo')).toEqual([recorded])
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
    await using third = await startSshd('127.0.0.5', ['AllowTcpForwarding yes'])
    const hosts = await bench.open([sshd.target('m1', { jump: [hop(second), hop(third)] })])
    expect((await hosts.run('m1', { command: 'echo there' })).stdout).toBe('there\n')
  })

  it('stops at a jump host whose key has changed', async () => {
    await using changing = await startSshd('127.0.0.6')
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
  })
})
