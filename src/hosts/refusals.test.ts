import { describe, expect, it } from 'vitest'
import { forwardingRefusal } from './forwarding.ts'
import { type About, sshError } from './sshErrors.ts'
import { sudoError } from './sudoErrors.ts'

/** Words of OpenSSH 9.2, sudo 1.9 and PAM on Debian 12, and of others where they differ. */

const about: About = { host: 'm1', address: '10.0.0.1', keyName: 'm1', recorded: [], user: 'admin', agent: false }
const byAgent: About = { ...about, agent: true }
const afterKey = (...words: readonly string[]) =>
  ['debug1: Server accepts key: id ED25519 SHA256:x explicit', ...words, 'Connection closed by 10.0.0.1 port 22'].join(
    '\n',
  )

describe('a refused login', () => {
  it.each<[string, About, string, string, string]>([
    [
      'an expired account',
      about,
      afterKey('Your account has expired; please contact your system administrator.'),
      'm1 (10.0.0.1) refuses the login: the account of admin has expired: Your account has expired; please contact',
      'chage -E -1 admin',
    ],
    [
      'an expired password',
      about,
      'WARNING: Your password has expired.\nPassword change required but no TTY available.',
      'the password of admin has expired: Password change required but no TTY available.',
      'passwd admin',
    ],
    [
      'an expired password, as PAM says it',
      about,
      afterKey('You are required to change your password immediately (administrator enforced).'),
      'the password of admin has expired: You are required to change',
      'passwd admin',
    ],
    [
      'a locked account',
      about,
      afterKey('The account is locked due to 3 failed logins.'),
      'is locked: The account',
      'faillock',
    ],
    [
      'a nologin shell',
      about,
      'This account is currently not available.',
      'admin may not log in, the login shell is nologin',
      'usermod -s /bin/sh admin',
    ],
    [
      '/etc/nologin',
      about,
      afterKey('Maintenance until noon'),
      'refuses the account: Maintenance until noon',
      '/etc/nologin',
    ],
    ['a rule of PAM', about, afterKey(), 'refuses the account without a word', 'journalctl -t sshd'],
    [
      'eight keys in the agent',
      byAgent,
      'debug1: get_agent_identities: agent returned 8 keys\nReceived disconnect from 10.0.0.1 port 22:2: Too many authentication failures',
      'there are too many keys in the SSH agent (8)',
      'ssh.key_file',
    ],
    [
      'too many tries with a key file',
      about,
      'Received disconnect from 10.0.0.1 port 22:2: Too many authentication failures',
      'it ended the login of admin after too many failures',
      'MaxAuthTries',
    ],
    [
      'an empty agent',
      byAgent,
      'debug1: get_agent_identities: ssh_fetch_identitylist: agent contains no identities\nadmin@10.0.0.1: Permission denied (publickey).',
      'the SSH agent holds no key',
      'ssh-add FILE',
    ],
    [
      'an agent that has ended',
      byAgent,
      'debug1: get_agent_identities: ssh_get_authentication_socket: No such file or directory\nadmin@10.0.0.1: Permission denied (publickey).',
      'the SSH agent cannot be reached (No such file or directory)',
      'SSH_AUTH_SOCK',
    ],
    [
      'an agent that is locked',
      byAgent,
      'sign_and_send_pubkey: signing failed for ED25519 "x" from agent: agent refused operation\nadmin@10.0.0.1: Permission denied (publickey).',
      'the SSH agent refuses to sign',
      'ssh-add -X',
    ],
    [
      'an outdated kind of key',
      about,
      'send_pubkey_test: no mutual signature algorithm\nadmin@10.0.0.1: Permission denied (publickey).',
      'no mutual signature algorithm',
      'ssh-keygen -t ed25519',
    ],
    [
      'a wrong key or user',
      about,
      'admin@10.0.0.1: Permission denied (publickey,gssapi-with-mic).',
      'it takes no key of admin: admin@10.0.0.1: Permission denied',
      '~admin/.ssh/authorized_keys',
    ],
    [
      'passwords only',
      about,
      'admin@10.0.0.1: Permission denied (password).',
      'it takes no keys, only password',
      'PubkeyAuthentication',
    ],
  ])('names %s', (_, whom, stderr, message, remedy) => {
    const error = sshError(`debug1: Connecting to 10.0.0.1\n${stderr}\n`, whom)
    expect(error.code).toBe('authentication-failed')
    expect(error.message).toContain(message)
    expect(error.remedy).toContain(remedy)
  })

  it('is none where the connection breaks after the login, or before', () => {
    const later =
      'debug1: Server accepts key: id\nAuthenticated to 10.0.0.1 using "publickey".\nConnection closed by 10.0.0.1'
    for (const stderr of [later, 'kex_exchange_identification: Connection closed by remote host'])
      expect(sshError(stderr, about).code).toBe('host-unreachable')
  })
})

describe('a jump host', () => {
  const way = { jumpName: 'jump host 10.9.0.1', host: 'm1', address: '10.0.0.1', port: 22 }

  it.each([
    [
      'administratively prohibited: open failed',
      'jump host 10.9.0.1 refuses to forward to m1 (10.0.0.1, port 22): adm',
      'AllowTcpForwarding',
    ],
    [
      'connect failed: Connection refused',
      'jump host 10.9.0.1 reaches m1 (10.0.0.1, port 22), and nothing listens',
      'sshd',
    ],
    ['connect failed: No route to host', 'jump host 10.9.0.1 does not reach m1', 'network'],
    ['connect failed: Connection timed out', 'jump host 10.9.0.1 does not reach m1', 'network'],
    ['connect failed: Name or service not known', 'jump host 10.9.0.1 cannot resolve m1', 'by its address'],
  ])('that says "%s" is named', (word, message, remedy) => {
    const error = forwardingRefusal(`Authenticated\nchannel 0: open failed: ${word}\nstdio forwarding failed`, way)
    expect(error?.message).toContain(message)
    expect(error?.message).toContain(word)
    expect(error?.remedy).toContain(remedy)
    expect(error?.facts).toMatchObject({ through: 'jump host 10.9.0.1' })
  })

  it('stands in the message of a host behind it, and "UNKNOWN port 65535" does not', () => {
    const stderr = 'Connection timed out during banner exchange\nConnection closed by UNKNOWN port 65535'
    expect(sshError(stderr, { ...about, through: way.jumpName }).message).toBe(
      'm1 (10.0.0.1) cannot be reached through jump host 10.9.0.1: Connection timed out during banner exchange',
    )
  })

  it('that forwards has nothing to say', () => {
    expect(forwardingRefusal('Authenticated to 10.9.0.1', way)).toBe(null)
  })
})

describe('a refusing sudo', () => {
  const resolve = 'sudo: unable to resolve host m1: Temporary failure in name resolution\n'
  const lecture =
    '\nWe trust you have received the usual lecture from the local System\nAdministrator.\n\n    #1) Respect the privacy of others.\n\n'

  it.each<[string, string, boolean, string, string]>([
    ['no password', 'sudo: a password is required', false, 'm1: sudo wants a password for admin', 'sudo_password_file'],
    [
      'no password, with noise',
      `${resolve}sudo: a password is required`,
      false,
      'm1: sudo wants a password for admin',
      'sudo_password_file',
    ],
    [
      'no terminal',
      'sudo: a terminal is required to read the password; either use the -S option',
      false,
      'wants a password',
      'sudo_password_file',
    ],
    [
      'a wrong password',
      'Sorry, try again.\n\nsudo: no password was provided\nsudo: 1 incorrect password attempt',
      true,
      'm1: sudo refuses the password of admin',
      'faillock --user admin',
    ],
    [
      'a wrong password, with noise',
      `${resolve}${lecture}Sorry, try again.\nsudo: 3 incorrect password attempts`,
      true,
      'm1: sudo refuses the password of admin',
      'sudo_password_file',
    ],
    [
      'no rule',
      'admin is not in the sudoers file.',
      true,
      'm1: admin may not become root by sudo',
      'ALL=(ALL:ALL) ALL',
    ],
    [
      'a rule against it',
      'Sorry, user admin is not allowed to execute "/bin/sh" as root on m1.',
      true,
      'm1: admin may not become root',
      'sudoers',
    ],
    ['requiretty', 'sudo: sorry, you must have a tty to run sudo', true, 'requiretty', 'requiretty'],
    ['no sudo', "env: 'sudo': No such file or directory", false, 'not installed', 'Install sudo'],
    [
      'an expired password',
      'sudo: Account or password is expired, reset your password and try again\nsudo: a password is required',
      true,
      'the password of admin has expired: sudo: Account or password is expired',
      'passwd admin',
    ],
    [
      'an expired account',
      `${resolve}sudo: Account expired or PAM config lacks an "account" section for sudo, contact your system administrator`,
      true,
      'the account of admin has expired',
      'chage -E -1 admin',
    ],
    [
      'a locked account',
      'sudo: account validation failure, is your account locked?',
      true,
      'm1: the account of admin is locked',
      'usermod -U admin',
    ],
    [
      'a locked account, by faillock',
      'The account is locked due to 3 failed logins.\nsudo: a password is required',
      true,
      'm1: the account of admin is locked',
      'faillock',
    ],
    [
      'broken sudoers',
      '/etc/sudoers.d/x:1:13: syntax error\nsudo: /etc/sudoers is world writable\nsudo: no valid sudoers sources found, quitting\nsudo: error initializing audit plugin sudoers_audit',
      true,
      'the sudoers of the host are broken',
      'visudo -c',
    ],
    [
      'no setuid bit',
      'sudo: /usr/bin/sudo must be owned by uid 0 and have the setuid bit set',
      false,
      'cannot become root there',
      'nosuid',
    ],
    [
      'no new privileges',
      'sudo: The "no new privileges" flag is set, which prevents sudo from running as root.',
      false,
      'cannot become root there',
      'log in as root',
    ],
    [
      'a second factor',
      'Verification code: ',
      true,
      'asks for more than a password: Verification code:',
      'second factor',
    ],
    [
      'something else',
      `${resolve}sudo: policy plugin failed session initialization`,
      false,
      'sudo failed: sudo: policy plugin failed',
      'sudo -n true',
    ],
  ])('names %s', (_, stderr, passwordGiven, message, remedy) => {
    const error = sudoError(stderr, { host: 'm1', user: 'admin', passwordGiven })
    expect(error).toMatchObject({ code: 'authentication-failed', facts: { host: 'm1', step: 'sudo' } })
    expect(error.message).toContain(message)
    expect(error.remedy).toContain(remedy)
    expect(error.message).not.toContain('unable to resolve')
  })
})
