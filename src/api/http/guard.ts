import type { FastifyInstance } from 'fastify'
import { SlipwayError } from '../../domain/errors.ts'
import { isToken } from '../access/token.ts'

/** The port may differ: an SSH tunnel ends on another one. */
const ownNames: ReadonlySet<string> = new Set(['127.0.0.1', 'localhost', '[::1]'])

/** Needs no token, and tells nothing but whether the server works. */
const open = new Set(['/healthz', '/readyz'])

/**
 * Lets in who has the token and calls the server by one of its own names. The names matter because a web page can make
 * a browser call 127.0.0.1 under a name of its own (DNS rebinding); there are no CORS headers either.
 */
export function guard(server: FastifyInstance, token: string): void {
  server.addHook('onRequest', async request => {
    if (!ownNames.has((request.headers.host ?? '').toLowerCase().replace(/:\d+$/, '')))
      throw new SlipwayError('not-authorised', 'the request calls the server by a name that is not its own')
    if (open.has(request.url.split('?')[0] ?? '')) return
    const given = /^Bearer ([\w.~+/-]+=*)$/.exec(request.headers.authorization ?? '')?.[1]
    if (given === undefined || !isToken(given, token))
      throw new SlipwayError('not-authorised', given === undefined ? 'no token was given' : 'the token is not right')
  })
}
