/** What is wrong, to stand behind the host's name, and what to do. */
export interface Refusal {
  readonly message: string
  readonly remedy: string
}

interface AccountRule {
  readonly pattern: RegExp
  /** @param word the host's own line. */
  readonly explain: (user: string, word: string) => Refusal
}

/** What PAM says of an account, in the words of sshd, of login and of sudo: it is asked by all of them. */
export const accountRules: readonly AccountRule[] = [
  {
    pattern: /account (?:has |is )?expired/i,
    explain: (user, word) => ({
      message: `the account of ${user} has expired: ${word}`,
      remedy: `Give it more time on the host, as root: chage -E -1 ${user} (or where accounts are kept, in a directory).`,
    }),
  },
  {
    pattern:
      /password (?:has |is )?expired|required to change your password|password change required|password is (?:no longer|not) valid|authentication token (?:is no longer valid|manipulation)/i,
    explain: (user, word) => ({
      message: `the password of ${user} has expired: ${word}`,
      remedy: `Set a new one on the host (passwd ${user}, as root), and write it to ssh.sudo_password_file if sudo wants it.`,
    }),
  },
  {
    // An agent for keys can be locked as well: only of an account is it told here.
    pattern: /account (?:is |has been )?(?:temporarily )?locked|account validation failure/i,
    explain: (user, word) => ({
      message: `the account of ${user} is locked: ${word}`,
      remedy: `Unlock it on the host, as root: usermod -U ${user}, or after wrong passwords faillock --user ${user} --reset.`,
    }),
  },
]
