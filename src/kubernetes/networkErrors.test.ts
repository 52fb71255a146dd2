import { describe, expect, it } from 'vitest'
import { isPassing, networkError } from './networkErrors.ts'

const server = 'https://10.0.0.1:6443'
const withCode = (code: string, cause?: Error) => Object.assign(new Error('words', { cause }), { code })

describe('a fault of the network', () => {
  it.each([
    ['ERR_SSL_TLSV1_ALERT_UNKNOWN_CA', 'api-unauthorized', 'it refuses our certificate'],
    ['ERR_SSL_SSL/TLS_ALERT_BAD_CERTIFICATE', 'api-unauthorized', 'it refuses our certificate'],
    ['ERR_SSL_PACKET_LENGTH_TOO_LONG', 'api-unreachable', 'what answers there speaks no TLS'],
    ['ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION', 'api-unreachable', 'no TLS connection can be made (ERR_SSL_TLSV1_'],
    ['CERT_NOT_YET_VALID', 'api-untrusted', 'its certificate is not valid yet'],
    ['ENOTFOUND', 'api-unreachable', 'nothing has its name (DNS)'],
    ['UND_ERR_DESTROYED', 'api-unreachable', 'our side has ended the connection'],
  ])('%s is named, and no waiting helps', (code, expected, message) => {
    const error = networkError(withCode(code), server)
    expect(error).toMatchObject({ code: expected, message: expect.stringContaining(`${server}: ${message}`) })
    expect(isPassing(error)).toBe(false)
  })

  it('of several addresses is that of the first one', () => {
    const thrown = new AggregateError([withCode('ECONNREFUSED'), withCode('ENETUNREACH')], 'all failed')
    expect(networkError(thrown, server).message).toBe(`${server}: connection refused`)
  })

  it('that another one is about is that one', () => {
    const error = networkError(withCode('UND_ERR_PRX', withCode('CERT_HAS_EXPIRED')), server)
    expect(error).toMatchObject({ code: 'api-untrusted', message: expect.stringContaining('has expired') })
  })

  it('that nobody knows is told in its own words, and may pass', () => {
    const error = networkError(new Error('odd\n  things'), server)
    expect(error.message).toBe(`${server}: odd things`)
    expect(isPassing(error)).toBe(true)
  })
})
