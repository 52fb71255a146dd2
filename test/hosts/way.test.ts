import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { SlipwayError } from '../../src/domain/errors.ts'
import type { HostTarget, JumpHost } from '../../src/hosts/target.ts'
import { type LocalSshd, startSshd } from './localSshd.ts'
import { openWorkbench, type Workbench } from './workbench.ts'

// What is wrong on the way to a host, told with real servers of this machine.

let host: LocalSshd
let bench: Workbench

beforeAll(async () => {
  host = await startSshd('127.0.0.3')
})
afterAll(() => host.stop())
beforeEach(async () => {
  bench = await openWorkbench()
})
afterEach(async () => {
  expect(await bench.close()).toBe(0)
})

async function refusal(target: HostTarget): Promise<SlipwayError> {
  const hosts = await bench.open([target])
  return hosts.run(target.hostname, { command: 'id -u' }).then(
    result => {
      throw new Error(`it was let in: ${JSON.stringify(result)}`)
    },
    (thrown: SlipwayError) => thrown,
  )
}

describe('a jump host', () => {
  /** The host behind a jump host with settings of its own. */
  async function behind(settings: readonly string[], more: Partial<HostTarget> = {}, login: Partial<JumpHost> = {}) {
    await using jump = await startSshd('127.0.0.2', settings)
    const { address, port, user, identity } = jump
    return await refusal(host.target('h1', { jump: [{ host: address, port, user, identity, ...login }], ...more }))
  }

  it.each(['AllowTcpForwarding no', 'PermitOpen 192.0.2.1:22', 'DisableForwarding yes'])(
    'with "%s" is named, and so is forwarding',
    async line => {
      const error = await behind([line])
      expect(error).toMatchObject({ code: 'host-unreachable', facts: { host: 'h1' } })
      expect(error.message).toContain('jump host 127.0.0.2 refuses to forward to h1')
      expect(error.message).toContain('administratively prohibited')
      expect(error.message).not.toContain('UNKNOWN')
      expect(error.remedy).toContain('AllowTcpForwarding yes')
    },
  )

  it('that reaches no sshd on the host says so', async () => {
    const error = await behind([], { port: 9 })
    expect(error.message).toContain('jump host 127.0.0.2 reaches h1')
    expect(error.message).toContain('Connection refused')
  })

  it('that cannot resolve the host says so', async () => {
    const error = await behind([], { address: 'nowhere.invalid' })
    expect(error.message).toContain('jump host 127.0.0.2 cannot resolve h1 (nowhere.invalid,')
  })

  it('behind another one is named, and so is the one that does not forward', async () => {
    await using outer = await startSshd('127.0.0.2', ['AllowTcpForwarding no'])
    const { address, port, user, identity } = outer
    const inner = { host: host.address, port: host.port, user: host.user, identity: host.identity }
    const error = await refusal(host.target('h1', { jump: [{ host: address, port, user, identity }, inner] }))
    expect(error.message).toContain('jump host 127.0.0.2 refuses to forward to jump host 127.0.0.3 (127.0.0.3, port')
  })

  it('that refuses the key is named instead of the host behind it', async () => {
    const error = await behind([], {}, { user: 'nobody-here' })
    expect(error.message).toContain('jump host 127.0.0.2 refuses the login: it takes no key of nobody-here')
  })
})

describe('an SSH agent', () => {
  let folder: string
  const former = process.env['SSH_AUTH_SOCK']
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'slipway-agent-'))
  })
  afterAll(async () => {
    if (former === undefined) delete process.env['SSH_AUTH_SOCK']
    else process.env['SSH_AUTH_SOCK'] = former
    await rm(folder, { recursive: true })
  })

  /** An agent with so many keys, for the connections that are opened meanwhile. */
  async function withAgent(keys: number, work: (socket: string) => Promise<void>): Promise<void> {
    const socket = join(folder, `agent-${keys}`)
    const agent = spawn('setpriv', ['--pdeathsig', 'TERM', 'ssh-agent', '-D', '-a', socket])
    const gone = once(agent, 'exit')
    await once(agent.stdout, 'data')
    process.env['SSH_AUTH_SOCK'] = socket
    for (let number = 1; number <= keys; number++) {
      const file = join(folder, `key-${keys}-${number}`)
      execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', file])
      execFileSync('ssh-add', ['-q', file])
    }
    await bench.close()
    bench = await openWorkbench()
    try {
      await work(socket)
    } finally {
      agent.kill()
      await gone
    }
  }
  const byAgent = (): HostTarget => {
    const { address, port, user } = host
    return { hostname: 'h1', address, port, user, sudo: false, jump: [] }
  }

  it('with too many keys is told of, and key_file as the way out', async () => {
    await withAgent(8, async () => {
      const error = await refusal(byAgent())
      expect(error.code).toBe('authentication-failed')
      expect(error.message).toContain('there are too many keys in the SSH agent (8)')
      expect(error.remedy).toContain('ssh.key_file')
    })
  })

  it('without a key, or with none that is right, is told of', async () => {
    await withAgent(0, async () => expect((await refusal(byAgent())).message).toContain('the SSH agent holds no key'))
    await withAgent(1, async () =>
      expect((await refusal(byAgent())).message).toContain('it takes no key of ' + host.user),
    )
  })

  it('that has ended is told of', async () => {
    process.env['SSH_AUTH_SOCK'] = join(folder, 'nobody')
    await bench.close()
    bench = await openWorkbench()
    expect((await refusal(byAgent())).message).toContain('the SSH agent cannot be reached (No such file or directory)')
  })
})
