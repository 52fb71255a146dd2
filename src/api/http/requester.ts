import type { FastifyReply, FastifyRequest } from 'fastify'

/** Who asks, as run and audit name them: what the client says, in one short line. The token is what lets in. */
export function requester(request: FastifyRequest): string {
  const said = request.headers['x-slipway-user']
  const name = (Array.isArray(said) ? said[0] : said)?.replace(/[^\w.@-]/g, '').slice(0, 64)
  return name || 'api'
}

/** Aborts when the client has gone before it was answered. */
export function whileWanted(reply: FastifyReply): AbortSignal {
  const gone = new AbortController()
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) gone.abort()
  })
  return gone.signal
}
