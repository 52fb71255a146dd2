import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { SlipwayError } from '../../src/domain/errors.ts'
import type { HostTarget } from '../../src/hosts/target.ts'
import { bootLab, type LabHosts } from './labHosts.ts'
import { openWorkbench, type Workbench } from './workbench.ts'

// What real sshd, PAM and sudo say, and what is made of it. Behind a jump host, as many machines are.

let lab: LabHosts
let bench: Workbench

beforeAll(async () => {
  lab = await bootLab('hosts-account', 1, { behindJump: true })
})
afterAll(() => lab.down())
beforeEach(async () => {
  bench = await openWorkbench()
})
afterEach(async () => {
  expect(await bench.close()).toBe(0)
})

const jump = () => {
  if (!lab.jump) throw new Error('the lab has no jump host')
  return lab.jump
}
const behind = (more: Partial<HostTarget> = {}) => lab.target('h1', { jump: [jump()], ...more })
const asAdmin = () => behind({ user: lab.sudoUser, sudo: true, sudoPassword: lab.sudoPassword })

async function refusal(target: HostTarget): Promise<SlipwayError> {
  const hosts = await bench.open([target])
  const error: SlipwayError = await hosts.run(target.hostname, { command: 'id -u' }).then(
    result => {
      throw new Error(`it was let in: ${JSON.stringify(result)}`)
    },
    (thrown: SlipwayError) => thrown,
  )
  expect(JSON.stringify([error.message, error.remedy, error.facts])).not.toContain(lab.sudoPassword)
  return error
}

describe('an account', () => {
  it.each([
    [
      'whose password has expired',
      'chage -d 0 admin',
      'chage -d -1 admin',
      /password of admin has expired: .*change required/,
    ],
    [
      'whose password is too old',
      'chage -M 1 -d 2020-01-01 admin',
      'chage -M 99999 -d -1 admin',
      /password of admin has expired/,
    ],
    [
      'that has expired',
      'chage -E 0 admin',
      'chage -E -1 admin',
      /account of admin has expired: Your account has expired/,
    ],
    ['without a shell', 'usermod -s /usr/sbin/nologin admin', 'usermod -s /bin/bash admin', /login shell is nologin/],
    [
      'with a shell that runs nothing',
      'usermod -s /bin/false admin',
      'usermod -s /bin/bash admin',
      /admin runs no commands/,
    ],
    [
      'kept out by /etc/nologin',
      'echo Maintenance until noon > /etc/nologin',
      'rm /etc/nologin',
      /Maintenance until noon/,
    ],
    [
      'kept out by sshd',
      'echo DenyUsers admin > /etc/ssh/sshd_config.d/x.conf; systemctl reload ssh',
      'rm /etc/ssh/sshd_config.d/x.conf; systemctl reload ssh',
      /h1 \(.*it takes no key of admin/,
    ],
  ])('%s is named as that', async (_, spoil, restore, message) => {
    await lab.exec('h1', spoil)
    try {
      const error = await refusal(asAdmin())
      expect(error).toMatchObject({ code: 'authentication-failed', facts: { host: 'h1', step: 'login' } })
      expect(error.message).toMatch(message)
      expect(error.message).not.toContain('sudo refuses the password')
    } finally {
      await lab.exec('h1', restore)
    }
  })

  it('that sudo locks out after wrong passwords, and sudoers that are broken, are named as that', async () => {
    await lab.exec('h1', 'echo "Defaults lecture=always" > /etc/sudoers.d/lecture; hostname nowhere')
    const wrong = await refusal({ ...asAdmin(), sudoPassword: 'wrong-password' })
    expect(wrong.message).toBe('h1: sudo refuses the password of admin')
    await lab.exec('h1', 'hostname h1; rm /etc/sudoers.d/lecture; chmod 666 /etc/sudoers')
    expect((await refusal(asAdmin())).message).toMatch(/sudoers of the host are broken: .*world writable/)
    await lab.exec('h1', 'chmod 440 /etc/sudoers')
  })

  it('whose login prints something is used, unless Ansible would take it for a reply', async () => {
    const noisy = (line: string) =>
      lab.exec('h1', `sed -i '1i echo "${line}"' ~admin/.bashrc || echo 'echo "${line}"' > ~admin/.bashrc`)
    await noisy('Welcome to [h1]')
    const hosts = await bench.open([asAdmin()])
    expect((await hosts.run('h1', { command: 'id -u' })).stdout).toBe('0\n')
    await noisy(' {motd} of the day')
    expect(await refusal(asAdmin())).toMatchObject({
      code: 'host-reply-invalid',
      message: expect.stringContaining('{motd} of the day'),
      remedy: expect.stringContaining('.bashrc'),
    })
    await lab.exec('h1', 'sed -i 1,2d ~admin/.bashrc')
  })
})
