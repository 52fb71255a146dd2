import { type ErrorCode, SlipwayError } from '../domain/errors.ts'
import { shortened } from './shortened.ts'

/**
 * What it means that no answer came from an API server.
 * @returns `api-unreachable` or `api-untrusted`; the fact `passing` says whether it may be another matter a moment
 * later, the fact `silent` that a connection stood and nothing came.
 */
export function networkError(thrown: unknown, server: string): SlipwayError {
  const { code, message } = innermost(thrown)
  const known = faults[code] ?? (/^ERR_SSL_|^EPROTO$/.test(code) ? handshake(code) : passing(shortened(message)))
  return new SlipwayError(known.code ?? 'api-unreachable', `${server}: ${known.message}`, {
    cause: thrown,
    facts: { server, passing: known.passing, silent: code === 'UND_ERR_BODY_TIMEOUT' },
    ...(known.remedy !== undefined && { remedy: known.remedy }),
  })
}

interface Fault {
  readonly code?: ErrorCode
  readonly message: string
  readonly passing: boolean
  readonly remedy?: string
}

const passing = (message: string): Fault => ({ message, passing: true })
const untrusted = (message: string, remedy?: string): Fault => ({
  code: 'api-untrusted',
  message,
  passing: false,
  ...(remedy !== undefined && { remedy }),
})

const otherAuthority = untrusted('its certificate is of another CA than the kubeconfig holds')
const closed: Fault = { message: 'our side has ended the connection', passing: false }
const noAnswer = passing('it does not answer in time')

/** By the codes of Node, OpenSSL and undici. */
const faults: Readonly<Record<string, Fault>> = {
  ECONNREFUSED: passing('connection refused'),
  ECONNRESET: passing('the connection was broken off'),
  EPIPE: passing('the connection was broken off'),
  UND_ERR_SOCKET: passing('the connection was broken off'),
  ETIMEDOUT: noAnswer,
  UND_ERR_CONNECT_TIMEOUT: noAnswer,
  UND_ERR_HEADERS_TIMEOUT: noAnswer,
  UND_ERR_BODY_TIMEOUT: passing('it has fallen silent'),
  EHOSTUNREACH: passing('no route to the host'),
  ENETUNREACH: passing('no route to the network'),
  EAI_AGAIN: passing('its name cannot be resolved now'),
  ENOTFOUND: { message: 'nothing has its name (DNS)', passing: false },
  UND_ERR_DESTROYED: closed,
  UND_ERR_CLOSED: closed,
  ENOENT: passing('the socket that leads to it is not there'),
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: otherAuthority,
  UNABLE_TO_GET_ISSUER_CERT: otherAuthority,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: otherAuthority,
  SELF_SIGNED_CERT_IN_CHAIN: otherAuthority,
  DEPTH_ZERO_SELF_SIGNED_CERT: otherAuthority,
  CERT_SIGNATURE_FAILURE: otherAuthority,
  CERT_HAS_EXPIRED: untrusted('its certificate, or its CA, has expired', 'Renew the certificates of the cluster.'),
  CERT_NOT_YET_VALID: untrusted(
    'its certificate is not valid yet',
    'Compare the clocks of this machine and of the cluster.',
  ),
  ERR_TLS_CERT_ALTNAME_INVALID: untrusted(
    'its certificate is for other names than this one',
    'Use a name or an address that the certificate is for, or name one of them in tls-server-name of the kubeconfig.',
  ),
}

/** A fault of the handshake, by the name that OpenSSL has for it. */
function handshake(code: string): Fault {
  if (/ALERT_(BAD_CERTIFICATE|UNKNOWN_CA|CERTIFICATE_|UNSUPPORTED_CERTIFICATE|ACCESS_DENIED)/.test(code))
    return { code: 'api-unauthorized', message: 'it refuses our certificate', passing: false }
  return /WRONG_VERSION_NUMBER|PACKET_LENGTH|HTTP_REQUEST/.test(code)
    ? { message: 'what answers there speaks no TLS', passing: false }
    : { message: `no TLS connection can be made (${code})`, passing: false }
}

interface Thrown {
  readonly code: string
  readonly message: string
}

/** The fault that others are about: of several addresses that were tried, the first one's. */
function innermost(thrown: unknown): Thrown {
  if (!(thrown instanceof Error)) return { code: '', message: String(thrown) }
  const code = 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : ''
  if (code in faults) return { code, message: thrown.message }
  if (thrown instanceof AggregateError && thrown.errors.length > 0) return innermost(thrown.errors[0])
  return thrown.cause instanceof Error ? innermost(thrown.cause) : { code, message: thrown.message }
}

/** Whether it may be another matter a moment later, without anybody's doing. */
export const isPassing = (error: unknown): error is SlipwayError =>
  error instanceof SlipwayError && error.facts['passing'] === true
