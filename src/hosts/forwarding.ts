import { SlipwayError } from '../domain/errors.ts'
import type { LaunchedOptions } from '../processes/launcher.ts'
import type { RunProcess } from '../processes/run.ts'
import { shortened } from './loginRefusals.ts'

/** A host that lies behind a jump host, as messages name the two. */
export interface Forwarding {
  readonly sshConfig: string
  /** Alias of the jump host in the configuration. */
  readonly jump: string
  /** `jump host 10.0.0.5` */
  readonly jumpName: string
  readonly host: string
  readonly address: string
  readonly port: number
  readonly environment: Readonly<Record<string, string>>
}

/** ms; the jump host's own attempt to connect may take minutes. */
const patience = 8000

/**
 * Why nothing comes through a jump host: its own word, for which a connection of its own is opened, since a shared one
 * tells only that it was refused. Null when it does forward, or says nothing.
 */
export async function forwardingError(
  launch: RunProcess<LaunchedOptions>,
  way: Forwarding,
): Promise<SlipwayError | null> {
  const answered = new AbortController()
  const destination = `${way.address.includes(':') ? `[${way.address}]` : way.address}:${way.port}`
  let said = ''
  await launch(
    'ssh',
    [
      '-F',
      way.sshConfig,
      '-o',
      'ControlMaster=no',
      '-o',
      'ControlPath=none',
      '-o',
      'LogLevel=VERBOSE',
      '-W',
      destination,
      way.jump,
    ],
    {
      environment: way.environment,
      timeout: patience,
      signal: answered.signal,
      maxOutput: 64 * 1024,
      overflow: 'stop',
      // The greeting of the host's sshd: the way is open.
      onStdout: () => answered.abort(),
      onStderr: text => {
        said += text
      },
      stdin: pipe => {
        const keep = () => pipe.end()
        answered.signal.addEventListener('abort', keep, { once: true })
      },
    },
  )
  return answered.signal.aborted ? null : forwardingRefusal(said, way)
}

const openFailed = /channel \d+: open failed: ([^\r\n]*)/

/** From ssh's words about the channel that it asked the jump host for. */
export function forwardingRefusal(
  said: string,
  { jumpName, host, address, port }: Pick<Forwarding, 'jumpName' | 'host' | 'address' | 'port'>,
): SlipwayError | null {
  const word = openFailed.exec(said)?.[1]
  if (word === undefined) return null
  const name = `${host} (${address}, port ${port})`
  const fail = (message: string, remedy: string) =>
    new SlipwayError('host-unreachable', `${message}: ${shortened(word)}`, {
      remedy,
      facts: { host, through: jumpName },
    })
  if (/administratively prohibited|unknown channel type/i.test(word))
    return fail(
      `${jumpName} refuses to forward to ${name}`,
      `Allow forwarding in the sshd_config of the jump host (AllowTcpForwarding yes; PermitOpen, where it is set, with ${address}:${port}) and reload its sshd.`,
    )
  if (/refused/i.test(word))
    return fail(
      `${jumpName} reaches ${name}, and nothing listens there`,
      'Start sshd on the host, or set the port in ssh.port.',
    )
  if (/not known|name resolution|unknown host|no address/i.test(word))
    return fail(
      `${jumpName} cannot resolve ${name}`,
      'Name the host by its address, or by a name that the jump host knows.',
    )
  return fail(
    `${jumpName} does not reach ${name}`,
    'Check the address of the host, and the network and firewalls between the jump host and it.',
  )
}
