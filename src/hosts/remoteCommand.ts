import { randomBytes } from 'node:crypto'

/** What is to be run on a host, before the way there is wrapped around it. */
export interface RemoteCommand {
  /** Shell command line; everyone on the host can read it in argv: never a secret. */
  readonly command: string
  readonly stdin: string | Uint8Array
  readonly sudo: boolean
  readonly sudoPassword: string | undefined
  /** s after which the host itself ends the command, also when the connection is gone. */
  readonly timeout: number
}

/** The command line for ssh, and how its standard input is fed. */
export interface WrappedCommand {
  readonly line: string
  /** Printed alone on a line by the host when the command itself begins: what came before is the login's noise. */
  readonly begin: string
  /** Written first; the rest must wait for `begin`, so that a sudo which asks again never gets the payload. */
  readonly password: string | undefined
  readonly payload: string | Uint8Array
}

/** Quotes for a POSIX shell. */
export const shellQuote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`

/**
 * Wraps a command so that its outcome is certain: a line marks where its output begins, exit 255 is left to ssh, sudo
 * never shares its input with it, and it ends by itself after its time.
 */
export function wrapCommand(request: RemoteCommand): WrappedCommand {
  const begin = `slipway-${randomBytes(12).toString('hex')}`
  const withPassword = request.sudo && request.sudoPassword !== undefined
  const inner = [
    'PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin',
    `echo ${begin}`,
    // A sudo that needed no password has left it in the input: everything up to the mark is passed over.
    ...(withPassword ? [`while IFS= read -r line && [ "$line" != ${begin} ]; do :; done`, 'unset line'] : []),
    `timeout -k 5 ${Math.ceil(request.timeout)} sh -c ${shellQuote(request.command)}`,
    's=$?',
    '[ $s -ne 255 ] || s=254',
    'exit $s',
  ].join('; ')
  const run = `sh -c ${shellQuote(inner)}`
  return {
    line: `exec ${request.sudo ? `env LC_ALL=C sudo -H ${withPassword ? "-k -S -p ''" : '-n'} -- ${run}` : run}`,
    begin,
    password: withPassword ? `${request.sudoPassword}\n` : undefined,
    payload: request.stdin,
  }
}

export interface MarkedOutput {
  take(text: string): string
  readonly begun: boolean
  /** The beginning of what came before the mark: what the login printed. */
  readonly noise: string
}

/** Characters of the login's noise that are kept. */
const longestNoise = 4000

/** Takes the output up to and including the mark away, wherever the pieces are cut. */
export function outputAfter(begin: string): MarkedOutput {
  const mark = `${begin}\n`
  let before = ''
  let noise = ''
  let begun = false
  return {
    take(text) {
      if (begun) return text
      before += text
      const at = before.indexOf(mark)
      const passed = at < 0 ? Math.max(0, before.length - mark.length) : at
      noise += before.slice(0, Math.min(passed, longestNoise - noise.length))
      if (at < 0) {
        before = before.slice(passed)
        return ''
      }
      begun = true
      return before.slice(at + mark.length)
    },
    get begun() {
      return begun
    },
    get noise() {
      return begun ? noise : noise + before.slice(0, longestNoise - noise.length)
    },
  }
}
