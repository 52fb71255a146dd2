/** What stands in a file with a key, on however few lines it was pasted. */
export const holdsPrivateKey = (text: string): boolean => /-----\s*BEGIN|PRIVATE KEY|PuTTY-User-Key-File/i.test(text)

const ending =
  /\.(?:txt|key|pem|crt|cert|pub|ppk|ya?ml|json|conf|cfg|ini|env|asc|gpg|token|secret|login|password|pass)$/i
/** One part of a name that no person would have thought of: as programs make keys and tokens. */
const isRandom = (part: string): boolean =>
  part.length >= 16 && /\d/.test(part) && /[A-Za-z]/.test(part) && !/^id[_-]/.test(part)
const kinds = (text: string): number => [/[a-z]/, /[A-Z]/, /\d/].filter(kind => kind.test(text)).length

/**
 * Whether a text may be shown as the name of a file: people put the secret itself where the name of its file belongs.
 * A wrong no costs the operator one look into the file, a wrong yes shows the secret; so it says no where it can't tell.
 */
export function looksLikeFileName(text: string): boolean {
  if (/[\p{Cc}\p{Zl}\p{Zp}]/u.test(text) || holdsPrivateKey(text) || text.length > 255) return false
  if (text.includes('::') || /:.*@/.test(text)) return false
  const parts = text.split(/[/\\._\s-]+/)
  if (/^(?:~|\.{1,2})?\/[^/]/.test(text)) return !parts.some(isRandom) && !/^\/?[A-Za-z0-9+/]{24,}=*$/.test(text)
  if (/[^\p{L}\p{N}._/\\ @+-]/u.test(text) || (text.match(/\s/g) ?? []).length > 2) return false
  if (/^id_[a-z0-9]+$/.test(text)) return true
  if (parts.some(isRandom)) return false
  if (text.includes('/')) return !(kinds(text) === 3 && !/[._-]/.test(text)) && !text.includes('+')
  if (text.includes('.')) return ending.test(text) || (kinds(text) < 3 && text.length <= 40)
  return text.length <= 24 && /^[\p{Ll}_-]+$/u.test(text)
}

/** Fields that name a file in which a secret stands. */
const secretFields = new Set<unknown>(['key_file', 'sudo_password_file', 'token_file', 'auth_file'])

/** Whether a place of the cluster file takes the name of a file with a secret. */
export const namesSecretFile = (path: readonly (string | number)[]): boolean =>
  (path[0] === 'spec' && path[1] === 'secret_files') ||
  secretFields.has(path.findLast(step => typeof step === 'string'))

/** What is said in place of the value. */
export function secretInstead(path: readonly (string | number)[]): {
  readonly message: string
  readonly remedy: string
} {
  const field = path.findLast(step => typeof step === 'string') ?? 'key_file'
  const form = field === 'secret_files' ? 'secret_files: { KEY: ./FILE }' : `${field}: ./FILE`
  return {
    message: 'this field takes the name of a file, not the secret itself; what stands here is not repeated',
    remedy: `Put the secret into a file that only you can read (chmod 600), and name that file here: \`${form}\`. Whatever others may have seen of this file has to be replaced.`,
  }
}
