import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startSshd } from '../hosts/localSshd.ts'

/** A real sshd of this test alone on 127.0.0.1, and a client configuration that trusts it and no other. */
export interface TestSshd extends AsyncDisposable {
  readonly port: number
  readonly user: string
  readonly sshConfig: string
  /** Key pairs: `host`, and `login`, which may log in. */
  readonly keys: string
  /** 0700, in memory. */
  readonly directory: string
}

export async function startTrustedSshd(): Promise<TestSshd> {
  const sshd = await startSshd('127.0.0.1', ['MaxSessions 200', 'Subsystem sftp internal-sftp'])
  const { port, user, keys } = sshd
  const directory = await mkdtemp('/dev/shm/slipway-sshd-')
  const known = await readFile(join(keys, 'host.pub'), 'utf8')
  await writeFile(join(directory, 'known_hosts'), `[127.0.0.1]:${port} ${known}`)
  const sshConfig = join(directory, 'ssh_config')
  await writeFile(
    sshConfig,
    [
      'Host *',
      `  IdentityFile ${join(keys, 'login')}`,
      '  IdentitiesOnly yes',
      '  BatchMode yes',
      '  StrictHostKeyChecking yes',
      `  UserKnownHostsFile ${join(directory, 'known_hosts')}`,
      '  GlobalKnownHostsFile none',
      '  ConnectTimeout 5',
      '  LogLevel ERROR',
    ].join('\n'),
  )
  return {
    port,
    user,
    sshConfig,
    keys,
    directory,
    [Symbol.asyncDispose]: async () => {
      await sshd.stop()
      await rm(directory, { recursive: true, force: true })
    },
  }
}
