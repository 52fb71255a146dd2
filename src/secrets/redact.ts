/** Replaces secrets in text before it is stored or shown. */
export interface Redactor {
  redact(text: string): string
  /** Secrets learned on the way (a token read from a host). */
  add(secret: string): void
}

export const mask = '••••'

/** Short strings would mask half of every log; a secret below this length can't be told from a word. */
const shortestSecret = 6

/** RKE2's secure token form: known by its shape, wherever it comes from. */
const secureToken = /K10[0-9a-f]{64}::[^\s"'\\]+/g
const privateKey = /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?-----END [A-Z ]*PRIVATE KEY-----/g

/**
 * Knows secrets by value (and in the spellings that logs give them: JSON-escaped, base64, percent-encoded) and by
 * shape. A secret of several lines is masked line by line, since logs cut it there.
 */
export function createRedactor(secrets: Iterable<string> = []): Redactor {
  const known = new Set<string>()
  let pattern: RegExp | undefined
  const add = (secret: string): void => {
    const before = known.size
    for (const spelling of spellings(secret)) known.add(spelling)
    if (known.size === before) return
    // Longest first: a secret that contains another is masked whole.
    const sorted = [...known].toSorted((a, b) => b.length - a.length)
    pattern = sorted.length > 0 ? new RegExp(sorted.map(escapePattern).join('|'), 'g') : undefined
  }
  for (const secret of secrets) add(secret)
  return {
    add,
    redact(text) {
      const byValue = pattern ? text.replace(pattern, mask) : text
      return byValue.replace(secureToken, mask).replace(privateKey, mask)
    },
  }
}

function spellings(secret: string): string[] {
  const lines = secret.split(/\r?\n/).map(line => line.trim())
  return [secret, ...lines].flatMap(text =>
    text.length < shortestSecret
      ? []
      : [
          text,
          JSON.stringify(text).slice(1, -1),
          encodeURIComponent(text),
          Buffer.from(text).toString('base64').replace(/=+$/, ''),
        ],
  )
}

/** A text as a pattern that matches just it. Pure. */
export const escapePattern = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')
