import { SlipwayError } from '../../domain/errors.ts'
import { runProcess } from '../../processes/run.ts'
import type { ProviderCalls } from '../contract.ts'

/** What virsh has said; several commands go over one connection, and one that fails is in no other's way. */
export interface VirshAnswer {
  readonly stdout: string
  /** Its errors, a line each, without their `error: `. */
  readonly errors: readonly string[]
}

/** ms; a host far away is reached over SSH. */
const timeout = 60_000

/**
 * Asks libvirt. @param commands each with words that need no quotes.
 * @throws SlipwayError `tool-missing` where there is no virsh; `provider-refused` where libvirt is not reached.
 */
export async function virsh(
  uri: string,
  commands: readonly string[],
  { environment, signal }: Pick<ProviderCalls, 'environment' | 'signal'>,
): Promise<VirshAnswer> {
  const { end, stdout, stderr } = await runProcess('virsh', ['-c', uri, commands.join('; ')], {
    environment: { ...environment, ...libvirtEnvironment() },
    signal,
    timeout,
    maxOutput: 32 * 1024 * 1024,
  }).catch((error: unknown) => {
    if (!(error instanceof SlipwayError) || error.code !== 'tool-missing') throw error
    throw new SlipwayError('tool-missing', 'virsh is not installed here: it tells what there is at libvirt', {
      remedy: 'Install it where Slipway runs: libvirt-clients on Debian and Ubuntu, libvirt-client elsewhere.',
      cause: error,
    })
  })
  signal.throwIfAborted()
  const errors = stderr.split('\n').flatMap(line => (line.startsWith('error: ') ? [line.slice(7).trim()] : []))
  const [first] = errors
  if (end === 'timeout' || first?.startsWith('failed to connect to the hypervisor'))
    throw new SlipwayError('provider-refused', `libvirt at ${uri}: ${errors.join(' ') || 'it does not answer'}`, {
      remedy: unreached,
    })
  return { stdout, errors }
}

export const unreached =
  'See that libvirtd runs there and that you may use it: virsh -c URI list. Where it is another one, name it: --set uri=URI.'

/** What libvirt's own programs read of the environment, such as the file with its credentials. */
export const libvirtEnvironment = (): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) =>
      name.startsWith('LIBVIRT_') && value !== undefined ? [[name, value]] : [],
    ),
  )

/** First words of the lines of a table, or of a list of names: what virsh prints a line each. */
export const linesOf = (stdout: string): readonly string[] =>
  stdout.split('\n').flatMap(line => (line.trim() === '' ? [] : [line.trim()]))
