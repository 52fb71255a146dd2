import { SlipwayError } from '../domain/errors.ts'
import { accountRules, type Refusal } from './accountRules.ts'
import { shortened } from './loginRefusals.ts'

/** Who becomes root, and how. */
export interface Sudo {
  readonly host: string
  readonly user: string
  readonly passwordGiven: boolean
}

interface Rule {
  readonly pattern: RegExp
  /** @param word sudo's own line. */
  readonly explain: (sudo: Sudo, word: string) => Refusal | null
}

/** Said beside the reason, whatever the reason is. */
const noise =
  /unable to resolve host|sudo: \d+ incorrect password|no password was provided|unable to (?:open|mkdir|stat|write to) \S*\/(?:ts|lectured|lecture)|ignoring time stamp|problem with defaults entries/i

const rules: readonly Rule[] = [
  ...accountRules.map(({ pattern, explain }) => ({
    pattern,
    explain: ({ user }: Sudo, word: string) => explain(user, word),
  })),
  {
    pattern: /a password is required|terminal is required to read the password|no password was provided|askpass/i,
    explain: ({ user, passwordGiven }) =>
      passwordGiven
        ? null
        : {
            message: `sudo wants a password for ${user}`,
            remedy: 'Give one with ssh.sudo_password_file, or allow sudo without it.',
          },
  },
  {
    pattern: /not in the sudoers|not allowed to (?:execute|run)|may not run sudo/i,
    explain: ({ user }) => ({
      message: `${user} may not become root by sudo`,
      remedy: `Add the user to the sudoers of the host: '${user} ALL=(ALL:ALL) ALL' in /etc/sudoers.d, or its group (sudo, wheel).`,
    }),
  },
  {
    pattern: /must have a tty/,
    explain: () => ({
      message: 'sudo wants a terminal (requiretty)',
      remedy: 'Remove requiretty from the sudoers of the host.',
    }),
  },
  {
    pattern: /no new privileges|setuid bit|effective uid is not 0|nosuid|setresuid/i,
    explain: (_, word) => ({
      message: `sudo cannot become root there: ${word}`,
      remedy: 'Install sudo anew on the host, on a file system that is not mounted nosuid; or log in as root.',
    }),
  },
  {
    pattern:
      /no valid sudoers|world writable|is group writable|parse error in|error initializing audit plugin|unable to initialize policy/i,
    explain: (_, word) => ({
      message: `the sudoers of the host are broken: ${word}`,
      remedy: 'Fix them on the host, as root: `visudo -c` names the file and the line.',
    }),
  },
  {
    pattern: /not found|No such file/,
    explain: () => ({
      message: 'sudo is not installed',
      remedy: 'Install sudo on the host, or log in as root.',
    }),
  },
  {
    pattern: /(?:verification code|one-time password|OTP|token|passcode).*:\s*$/im,
    explain: (_, word) => ({
      message: `sudo asks for more than a password: ${word}`,
      remedy: 'Let this user become root without a second factor on the host, or log in as root.',
    }),
  },
]

/** What sudo's refusal means; stderr is sudo's, in the C locale. The most telling line is quoted, the noise beside it never. */
export function sudoError(stderr: string, sudo: Sudo): SlipwayError {
  const { host, user, passwordGiven } = sudo
  const fail = ({ message, remedy }: Refusal) =>
    new SlipwayError('authentication-failed', `${host}: ${message}`, { facts: { host, step: 'sudo' }, remedy })
  const lines = stderr.split(/\r?\n/).filter(line => line.trim() !== '' && !noise.test(line))
  for (const { pattern, explain } of rules) {
    const word = lines.find(line => pattern.test(line))
    const told = word === undefined ? null : explain(sudo, shortened(word))
    if (told) return fail(told)
  }
  if (passwordGiven)
    return fail({
      message: `sudo refuses the password of ${user}`,
      remedy: `Write the right one to ssh.sudo_password_file. A user who is locked out after wrong ones looks the same: faillock --user ${user}, as root.`,
    })
  const word = lines.findLast(line => line.startsWith('sudo:')) ?? lines.at(-1) ?? 'it said nothing'
  return fail({ message: `sudo failed: ${shortened(word)}`, remedy: `Try it on the host, as ${user}: sudo -n true.` })
}
