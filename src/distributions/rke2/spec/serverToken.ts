import { type Reading, readSecretLine, refuse } from '../../../domain/clusterFile/secretLine.ts'

/** The shape of kubeadm's bootstrap tokens: a server that is given one can never start. */
const bootstrapToken = /^[a-z0-9]{6}\.[a-z0-9]{16}$/
/** As `server/token` on a host holds it; the hash is that of the cluster it was copied from. */
const secureToken = /^K10(?:[0-9a-f]{64})?::server:(.+)$/i

/**
 * Reads the server token of a file. Of the secure form the password is what counts: the first server goes by it, and
 * the hash is that of another cluster's CA, or of none.
 */
export function readServerToken(contents: string): Reading<string> {
  const line = readSecretLine(contents.replace(/^\ufeff?\s+|\s+$/g, ''))
  if (!line.ok) return line
  const password = secureToken.exec(line.value)?.[1] ?? line.value
  const message = faultOf(password)
  if (message === null) return { ok: true, value: password }
  return refuse(
    'key-file-token',
    message,
    'Write a password of letters and digits, like `openssl rand -hex 24` makes; or leave token_file out.',
  )
}

function faultOf(token: string): string | null {
  if (bootstrapToken.test(token))
    return 'it has the shape of a bootstrap token (abcdef.0123456789abcdef), with which RKE2 never starts'
  if (token.startsWith('K10'))
    return 'it is a token of the secure form, but not one of a server (K10…::server:PASSWORD)'
  if (/\s/.test(token)) return 'blanks stand in the token'
  if (token.includes('::')) return 'it holds :: as a token of the secure form does, without being one'
  return null
}
