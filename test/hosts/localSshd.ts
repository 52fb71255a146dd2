import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import type { HostTarget } from '../../src/hosts/target.ts'
import { freePort } from '../freePort.ts'

/** A real sshd of the test's own on a loopback address, with its own host key, for the user who runs the test. */
export interface LocalSshd extends AsyncDisposable {
  readonly address: string
  readonly port: number
  readonly user: string
  /** Private key that may log in. */
  readonly identity: string
  /** The folder of the key pairs `login` and `host`. */
  readonly keys: string
  target(hostname: string, overrides?: Partial<HostTarget>): HostTarget
  /** Stops, makes a new host key, starts again on the same port. */
  changeHostKey(): Promise<void>
  stop(): Promise<void>
}

export async function startSshd(address = '127.0.0.1', settings: readonly string[] = []): Promise<LocalSshd> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-hosts-sshd-'))
  const port = await freePort(address)
  const makeKey = (name: string) =>
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', join(folder, name)])
  makeKey('login')
  makeKey('host')
  const host = address.includes(':') ? `[${address}]` : address
  await writeFile(
    join(folder, 'config'),
    [
      `ListenAddress ${host}:${port}`,
      `HostKey ${folder}/host`,
      `AuthorizedKeysFile ${folder}/login.pub`,
      'PidFile none',
      'StrictModes no',
      'UsePAM no',
      'PasswordAuthentication no',
      'KbdInteractiveAuthentication no',
      'PermitRootLogin yes',
      'MaxStartups 200',
      // As in the lab: a tenth of the processor time of a connection.
      'KexAlgorithms -sntrup761x25519-sha512@openssh.com',
      ...settings,
      '',
    ].join('\n'),
  )
  // Where sshd's package puts it when the service starts, which it may never have done here.
  if (process.getuid?.() === 0) await mkdir('/run/sshd', { recursive: true, mode: 0o755 })
  const start = async () => {
    // A test run that is killed takes it along.
    const bound = ['--pdeathsig', 'TERM', '/usr/sbin/sshd', '-D', '-e', '-f', join(folder, 'config')]
    const child = spawn('setpriv', bound, { stdio: ['ignore', 'ignore', 'pipe'] })
    let log = ''
    await new Promise<void>((resolve, reject) => {
      child.stderr.on('data', (piece: Buffer) => {
        log += piece.toString()
        if (log.includes('Server listening')) resolve()
      })
      child.once('exit', () => reject(new Error(`sshd ended: ${log}`)))
    })
    return child
  }
  const halt = async (child: Awaited<ReturnType<typeof start>>) => {
    const gone = once(child, 'exit')
    child.kill()
    await gone
  }
  let child = await start()
  const user = userInfo().username
  const identity = await readFile(join(folder, 'login'), 'utf8')
  const stop = async () => {
    await halt(child)
    await rm(folder, { recursive: true, force: true })
  }
  return {
    address,
    port,
    user,
    identity,
    keys: folder,
    target: (hostname, overrides) => ({
      hostname,
      address,
      port,
      user,
      identity,
      sudo: false,
      jump: [],
      ...overrides,
    }),
    async changeHostKey() {
      await halt(child)
      await Promise.all([rm(join(folder, 'host')), rm(join(folder, 'host.pub'))])
      makeKey('host')
      child = await start()
    },
    stop,
    [Symbol.asyncDispose]: stop,
  }
}
