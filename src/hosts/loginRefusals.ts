import { accountRules, type Refusal } from './accountRules.ts'

/** Whose login it is, and with which keys. */
export interface Login {
  readonly user: string
  /** True when the keys come from an SSH agent. */
  readonly agent: boolean
}

interface Rule {
  readonly pattern: RegExp
  /** @param word the host's own line. */
  readonly explain: (login: Login, word: string, all: string) => Refusal
}

const longest = 300

/** Of an account: told by PAM at the login or when a command begins, also where the key was right. */
const ofAccount: readonly Rule[] = [
  ...accountRules.map(({ pattern, explain }) => ({
    pattern,
    explain: ({ user }: Login, word: string) => explain(user, word),
  })),
  {
    pattern: /account is currently not available/i,
    explain: ({ user }, word) => ({
      message: `${user} may not log in, the login shell is nologin: ${word}`,
      remedy: `Give the user a shell on the host, as root: usermod -s /bin/sh ${user}; or name another one in ssh.user.`,
    }),
  },
]

const agentSocket = /get_agent_identities: ssh_get_authentication_socket: (.*)/
const agentCount = /agent returned (\d+) keys/

const keyRules: readonly Rule[] = [
  {
    pattern: /Too many authentication failures/,
    explain: ({ user, agent }, word, all) => {
      const offered = agentCount.exec(all)?.[1]
      if (agent)
        return {
          message: `there are too many keys in the SSH agent${offered ? ` (${offered})` : ''}: the host ended the login of ${user} before the right one was offered`,
          remedy:
            'Name the key of this login in ssh.key_file, then no other is offered; or take those that are not needed out of the agent (ssh-add -d).',
        }
      return {
        message: `it ended the login of ${user} after too many failures: ${word}`,
        remedy: 'Check ssh.user and ssh.key_file; the host’s sshd may allow very few tries (MaxAuthTries).',
      }
    },
  },
  {
    pattern: /no mutual signature/i,
    explain: ({ user }) => ({
      message: `it takes no signature that the key of ${user} can give (ssh: no mutual signature algorithm)`,
      remedy:
        'Use a key of another kind (ssh-keygen -t ed25519), or allow this one there: PubkeyAcceptedAlgorithms in sshd_config.',
    }),
  },
  {
    pattern: /agent refused operation|sign_and_send_pubkey: signing failed/i,
    explain: (_, word) => ({
      message: `the SSH agent refuses to sign: ${word}`,
      remedy:
        'Unlock the agent or the key (ssh-add -X, a key that asks for confirmation), or name a key in ssh.key_file.',
    }),
  },
  {
    pattern: /Load key /,
    explain: (_, word) => ({
      message: `ssh cannot read the private key: ${word.replace(/"[^"]*"/, 'of this login')}`,
      remedy: 'Copy the key file of ssh.key_file again; `ssh-keygen -y -f FILE` reads one that is whole.',
    }),
  },
  {
    pattern: /Permission denied|Authentication failed|No more authentication methods|sign_and_send_pubkey/,
    explain: refusedKeys,
  },
]

function refusedKeys({ user, agent }: Login, word: string, all: string): Refusal {
  const socket = agentSocket.exec(all)?.[1]
  if (agent && socket)
    return {
      message: `the SSH agent cannot be reached (${socket.trim()}), and no other key is given`,
      remedy: 'Start the agent and set SSH_AUTH_SOCK for Slipway, or name a key in ssh.key_file.',
    }
  if (agent && /agent contains no identities/.test(all))
    return {
      message: 'the SSH agent holds no key, and no other key is given',
      remedy: 'Load the key of this login (ssh-add FILE), or name it in ssh.key_file.',
    }
  const methods = /Permission denied \(([^)]*)\)/.exec(word)?.[1]
  if (methods !== undefined && !/publickey|hostbased|none/.test(methods))
    return {
      message: `it takes no keys, only ${methods}: ${word}`,
      remedy: 'Allow keys in the sshd_config of the host: PubkeyAuthentication yes.',
    }
  return {
    message: `it takes no key of ${user}: ${word}`,
    remedy: `Check ssh.user, and that the public key is in ~${user}/.ssh/authorized_keys on the host, which only ${user} may write; its sshd may also bar the user (AllowUsers, DenyUsers).`,
  }
}

const isChatter = (line: string): boolean => line === '' || /^debug\d?:|^OpenSSH_/.test(line)

/** A line as a message may hold it. */
export const shortened = (line: string): string => line.trim().slice(0, longest)

/** Why a host refuses a login, from what ssh and the host said, ssh's debug lines included; null when it does not. */
export function loginRefusal(said: string, login: Login): Refusal | null {
  const lines = said.split(/\r?\n/)
  // sudo's own words are another matter, though it uses the same ones.
  const own = lines.filter(line => !isChatter(line) && !line.startsWith('sudo:'))
  const closed = closedAfterKey(said, own, login)
  for (const { pattern, explain } of [...ofAccount, ...keyRules]) {
    const says = (line: string) => pattern.test(line)
    const word = own.findLast(says) ?? lines.findLast(line => line.startsWith('debug') && says(line))
    if (word !== undefined) return explain(login, shortened(word), said)
  }
  return closed
}

/** The key was right, and the host closes the connection all the same: PAM has refused the account. */
function closedAfterKey(said: string, own: readonly string[], { user }: Login): Refusal | null {
  if (!/Server accepts key/.test(said) || /Authenticated to /.test(said)) return null
  if (!/Connection (?:closed|reset)|Received disconnect/.test(said)) return null
  const words = own.filter(line => !/^(?:Connection (?:closed|reset)|Received disconnect|Disconnected from)/.test(line))
  return {
    message: `it takes the key of ${user} and refuses the account${words.length > 0 ? `: ${shortened(words.join(' '))}` : ' without a word'}`,
    remedy: `The host’s log says why (journalctl -t sshd): an account that has expired (chage -l ${user}), /etc/nologin, or a rule of PAM.`,
  }
}
