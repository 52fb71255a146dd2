import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { renderMark } from './fenceMark.ts'
import { fingerprint, parseKnownHosts, renderKnownHosts } from './hostKeys.ts'
import { outputAfter, shellQuote, wrapCommand } from './remoteCommand.ts'
import { renderSshConfig, sshHosts } from './sshConfig.ts'
import { isPassing, sshError } from './sshErrors.ts'
import type { HostTarget } from './target.ts'

const about = {
  host: 'm1',
  address: '10.0.0.1',
  keyName: 'm1',
  recorded: ['SHA256:recorded'],
  user: 'root',
  agent: false,
}
const target = (hostname: string, more: Partial<HostTarget> = {}): HostTarget => ({
  hostname,
  address: '10.0.0.1',
  port: 22,
  user: 'root',
  sudo: false,
  jump: [],
  ...more,
})

describe("ssh's failures", () => {
  const cases = [
    ['ssh: connect to host 10.0.0.1 port 22: Connection refused', 'host-unreachable', false],
    ['ssh: connect to host 10.0.0.1 port 22: No route to host', 'host-unreachable', true],
    ['kex_exchange_identification: Connection closed by remote host', 'host-unreachable', true],
    ['Connection reset by 10.0.0.1 port 22', 'host-unreachable', true],
    ['Connection timed out during banner exchange\nConnection closed by UNKNOWN port 65535', 'host-unreachable', false],
    ['Connection timed out during banner exchange', 'host-unreachable', false],
    ['ssh: Could not resolve hostname m1.example: Temporary failure in name resolution', 'host-unreachable', true],
    ['ssh: Could not resolve hostname m1.example: Name or service not known', 'host-unreachable', false],
    ['Unable to negotiate with 10.0.0.1 port 22: no matching host key type found.', 'host-unreachable', false],
    ['', 'host-unreachable', false],
    ['root@10.0.0.1: Permission denied (publickey).', 'authentication-failed', false],
    ['Received disconnect from 10.0.0.1: Too many authentication failures', 'authentication-failed', false],
    ['Load key "/x": error in libcrypto\nroot@10.0.0.1: Permission denied', 'authentication-failed', false],
    ['Host key verification failed.', 'host-key-changed', false],
    ['/x/config: line 3: Bad configuration option: nonsense', 'internal', false],
  ] as const
  for (const [stderr, code, isMomentary] of cases) {
    it(`mean ${code}${isMomentary ? ', for the moment' : ''}: ${stderr}`, () => {
      const error = sshError(`debug1: Connecting\n${stderr}\n`, about)
      expect(error.code).toBe(code)
      expect(isPassing(error)).toBe(isMomentary)
    })
  }

  it('name both keys when the host key has changed', () => {
    const shown = `SHA256:${'n'.repeat(43)}`
    const error = sshError(`debug1: Server host key: ssh-ed25519 ${shown}\nHost key verification failed.`, about)
    expect(error.message).toBe(`m1 (10.0.0.1) shows host key ${shown}; recorded is SHA256:recorded`)
    // Of all commands, also after `resume`, this is the one that takes a key.
    expect(error.remedy).toContain('slipway apply -f FILE --accept host-key-changed:m1')
  })
})

describe('the output after its mark', () => {
  it('is whole, wherever it is cut, and without what stood before', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.array(fc.nat(40)), (noise, own, cuts) => {
        const begin = 'slipway-000000000000'
        let rest = `${noise}${begin}\n${own}`
        const output = outputAfter(begin)
        let taken = ''
        for (const cut of cuts) {
          taken += output.take(rest.slice(0, cut))
          rest = rest.slice(cut)
        }
        return taken + output.take(rest) === own && output.begun && output.noise === noise
      }),
    )
  })
})

describe('a command line', () => {
  it('goes through a shell as it is', () => {
    const word = fc.string({ unit: fc.constantFrom("'", '"', '$', '`', '\\', ' ', '\n', '!', 'a', 'ä', ';', '*') })
    fc.assert(
      fc.property(word, text => execFileSync('sh', ['-c', `printf %s ${shellQuote(text)}`]).toString() === text),
      { numRuns: 50 },
    )
  })

  it('holds neither password nor input', () => {
    const { line, password } = wrapCommand({
      command: 'cat',
      stdin: 'canary-input',
      sudo: true,
      sudoPassword: 'canary-password',
      timeout: 10,
    })
    expect(line).not.toContain('canary')
    expect(password).toBe('canary-password\n')
  })
})

describe('the ssh_config', () => {
  const paths = {
    knownHosts: '/x/known 100%',
    identityFile: () => '/x/id',
    controlPath: (alias: string) => `/c/${alias}`,
  }
  const times = { connectTimeout: 10, aliveInterval: 5 }

  it('checks keys strictly, never becomes a master, and reads nothing of the user', () => {
    const text = renderSshConfig(sshHosts([target('m1')]), paths, times)
    for (const line of ['StrictHostKeyChecking yes', 'ControlMaster no', 'GlobalKnownHostsFile none', 'BatchMode yes'])
      expect(text).toContain(`\n  ${line}\n`)
    expect(text).toContain('UserKnownHostsFile "/x/known 100%%"')
  })

  it('names a host by address too, unless the address is of two', () => {
    const text = renderSshConfig(
      sshHosts([target('m1'), target('m2', { port: 23 }), target('m3', { address: 'fd00::3' })]),
      paths,
      times,
    )
    expect(text.match(/^Host .*$/gm)).toEqual(['Host m1', 'Host m2', 'Host m3 fd00::3', 'Host *'])
  })

  it('puts each jump host before what lies behind it, once for all', () => {
    const jump = [
      { host: 'outer', port: 22, user: 'a' },
      { host: 'inner', port: 22, user: 'b' },
    ]
    const hosts = sshHosts([target('m1', { jump }), target('m2', { address: '10.0.0.2', jump })])
    expect(hosts.map(host => host.address)).toEqual(['outer', 'inner', '10.0.0.1', '10.0.0.2'])
    expect(hosts.map(host => host.through)).toEqual([undefined, hosts[0]?.alias, hosts[1]?.alias, hosts[1]?.alias])
  })
})

describe('known hosts', () => {
  it('are read as they were written', () => {
    const key = { host: 'jump_fd00::1_22', algorithm: 'ssh-ed25519', key: 'AAAAC3NzaC1lZDI1NTE5AAAAIAAA' }
    expect(parseKnownHosts(`# comment\n${renderKnownHosts([key])}half line\n`)).toEqual([key])
    expect(fingerprint(key)).toMatch(/^SHA256:[A-Za-z0-9+/]{43}$/)
  })
})

describe('a fence mark', () => {
  it('refuses what a shell would read otherwise', () => {
    const mark = (installation: string) => ({
      scope: { installation, cluster: 'demo' },
      fence: { epoch: 1, number: 7 },
    })
    expect(renderMark(mark('b0c1'))).toBe('1.7@b0c1/demo')
    expect(() => renderMark(mark('a b'))).toThrow('not a fence')
    expect(() => renderMark(mark('$(x)'))).toThrow('not a fence')
  })
})
