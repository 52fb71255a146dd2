import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { commandLines } from '../processes.ts'
import { bootLab, type LabHosts } from './labHosts.ts'
import { openWorkbench, type Workbench } from './workbench.ts'

let lab: LabHosts
let bench: Workbench

beforeAll(async () => {
  lab = await bootLab('hosts-sudo', 1, { ipv6: true })
})
afterAll(() => lab.down())
beforeEach(async () => {
  bench = await openWorkbench()
})
afterEach(async () => {
  expect(await bench.close()).toBe(0)
})

const asAdmin = (more: Partial<Parameters<LabHosts['target']>[1]> = {}) =>
  lab.target('h1', { user: lab.sudoUser, sudo: true, ...more })
const whoami = { command: 'id -u; cat', stdin: 'payload' }

describe('sudo', () => {
  it('takes the password on standard input, and the command gets its own input whole', async () => {
    const hosts = await bench.open([asAdmin({ sudoPassword: lab.sudoPassword })])
    expect(await hosts.run('h1', whoami)).toEqual({ exitCode: 0, stdout: '0\npayload', stderr: '' })
    expect((await hosts.run('h1', { ...whoami, sudo: false })).stdout).toBe('1000\npayload')
  })

  it('without a password never hands the unused password to the command', async () => {
    await lab.exec('h1', `echo '${lab.sudoUser} ALL=(ALL) NOPASSWD: ALL' > /etc/sudoers.d/free`)
    const given = await bench.open([asAdmin({ sudoPassword: 'canary-password' })])
    expect((await given.run('h1', whoami)).stdout).toBe('0\npayload')
    const none = await bench.open([asAdmin()])
    expect((await none.run('h1', whoami)).stdout).toBe('0\npayload')
    await lab.exec('h1', 'rm /etc/sudoers.d/free')
  })

  it('says that the password is wrong, that one is missing, and that the user may not', async () => {
    const wrong = await bench.open([asAdmin({ sudoPassword: 'wrong-password' })])
    const refused = { code: 'authentication-failed', facts: { host: 'h1', step: 'sudo' } }
    await expect(wrong.run('h1', { command: 'cat', stdin: 'canary-payload' })).rejects.toMatchObject({
      ...refused,
      message: 'h1: sudo refuses the password of admin',
    })
    const missing = await bench.open([asAdmin()])
    await expect(missing.run('h1', whoami)).rejects.toMatchObject({
      ...refused,
      message: 'h1: sudo wants a password for admin',
    })
    await lab.exec('h1', "echo 'admin ALL = !ALL' > /etc/sudoers.d/barred")
    const barred = await bench.open([asAdmin({ sudoPassword: lab.sudoPassword })])
    await expect(barred.run('h1', whoami)).rejects.toMatchObject({
      ...refused,
      message: 'h1: admin may not become root by sudo',
    })
    await lab.exec('h1', 'rm /etc/sudoers.d/barred')
  })

  it('leaves neither password nor payload in the list of processes or the log of the host', async () => {
    const hosts = await bench.open([asAdmin({ sudoPassword: lab.sudoPassword })])
    // The lab shares this machine's kernel: the local ssh stands in a list of its own, taken while it runs.
    const local: string[] = []
    const seen = await hosts.run('h1', {
      command: 'cat >/dev/null; cat /proc/[0-9]*/cmdline; echo done',
      stdin: 'canary-payload',
      onStdout: () => void local.push(...commandLines()),
    })
    expect(local.join('\n')).toContain(hosts.sshConfig)
    const journal = await lab.exec('h1', 'journalctl --no-pager -q')
    for (const text of [seen.stdout, local.join('\n'), journal]) {
      expect(text).not.toContain(lab.sudoPassword)
      expect(text).not.toContain('canary-payload')
      expect(text).not.toContain('wrong-password')
    }
  })
})

describe('IPv6', () => {
  it('addresses work as they stand', async () => {
    const hosts = await bench.open([lab.target('h1', { address: lab.address6('h1') })])
    expect((await hosts.run('h1', { command: 'echo $SSH_CONNECTION' })).stdout).toContain(lab.address6('h1'))
    expect((await bench.knownHosts.list('demo')).map(key => key.host)).toEqual(['h1'])
  })
})
