import { execFileSync, spawn } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createConnection, createServer } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'

/** A real sshd of this test alone on 127.0.0.1, and a client configuration that trusts it and no other. */
export interface TestSshd extends AsyncDisposable {
  readonly port: number
  readonly user: string
  readonly sshConfig: string
  /** 0700, in memory. */
  readonly directory: string
}

export async function startSshd(): Promise<TestSshd> {
  const directory = mkdtempSync(join('/dev/shm', 'slipway-sshd-'))
  const keys = join(directory, 'keys')
  mkdirSync(keys, { mode: 0o700 })
  for (const name of ['host', 'client'])
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(keys, name)])
  const port = await freePort()
  writeFileSync(join(keys, 'authorized_keys'), readFileSync(join(keys, 'client.pub')), { mode: 0o600 })
  writeFileSync(
    join(directory, 'sshd_config'),
    [
      `Port ${port}`,
      'ListenAddress 127.0.0.1',
      `HostKey ${join(keys, 'host')}`,
      `AuthorizedKeysFile ${join(keys, 'authorized_keys')}`,
      'PidFile none',
      'UsePAM no',
      'PermitRootLogin yes',
      'PasswordAuthentication no',
      'StrictModes no',
      'MaxStartups 200',
      'MaxSessions 200',
      'Subsystem sftp internal-sftp',
    ].join('\n'),
  )
  const known = readFileSync(join(keys, 'host.pub'), 'utf8')
  writeFileSync(join(directory, 'known_hosts'), `[127.0.0.1]:${port} ${known}`)
  const sshConfig = join(directory, 'ssh_config')
  writeFileSync(
    sshConfig,
    [
      'Host *',
      `  IdentityFile ${join(keys, 'client')}`,
      '  IdentitiesOnly yes',
      '  BatchMode yes',
      '  StrictHostKeyChecking yes',
      `  UserKnownHostsFile ${join(directory, 'known_hosts')}`,
      '  GlobalKnownHostsFile none',
      '  ConnectTimeout 5',
      '  LogLevel ERROR',
    ].join('\n'),
  )
  mkdirSync('/run/sshd', { recursive: true })
  chmodSync(directory, 0o700)
  const server = spawn('/usr/sbin/sshd', ['-D', '-e', '-f', join(directory, 'sshd_config')], { stdio: 'ignore' })
  await answering(port)
  return {
    port,
    user: userInfo().username,
    sshConfig,
    directory,
    [Symbol.asyncDispose]: async () => {
      const gone = new Promise(resolve => server.once('exit', resolve))
      server.kill('SIGTERM')
      await gone
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise(resolve => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error(`no port: ${tmpdir()}`)
  return address.port
}

/** Resolves as soon as the port takes connections. */
async function answering(port: number): Promise<void> {
  const deadline = Date.now() + 10_000
  for (;;) {
    const open = await new Promise<boolean>(resolve => {
      const socket = createConnection(port, '127.0.0.1')
      socket.once('data', () => resolve(true)).once('error', () => resolve(false))
      socket.once('data', () => socket.destroy())
    })
    if (open) return
    if (Date.now() > deadline) throw new Error(`sshd does not answer on port ${port}`)
  }
}
