import type { FastifyInstance } from 'fastify'

export interface RequestCount {
  /** Requests that are being answered; a stream counts as long as it is open. */
  readonly open: number
  /** Another client has looked whether this server is there, as every one does before it uses it. */
  readonly visited: boolean
  /** Resolves when none has been open for `quiet` ms; asked anew after each one. */
  idle(quiet: () => number, signal?: AbortSignal): Promise<void>
}

/** Lets a server that was started for one command see when the last other client has left. */
export function countRequests(server: FastifyInstance): RequestCount {
  let open = 0
  let visited = false
  let changed: () => void = () => {}
  server.addHook('onRequest', async (request, reply) => {
    open += 1
    visited ||= request.url === '/healthz'
    changed()
    reply.raw.once('close', () => {
      open -= 1
      changed()
    })
  })
  return {
    get open() {
      return open
    },
    get visited() {
      return visited
    },
    async idle(quiet, signal) {
      while (!signal?.aborted) {
        const next = Promise.withResolvers<void>()
        changed = next.resolve
        signal?.addEventListener('abort', () => next.resolve(), { once: true })
        const timer = open === 0 ? setTimeout(() => next.resolve(), quiet()) : undefined
        const before = open
        await next.promise
        clearTimeout(timer)
        if (before === 0 && open === 0) return
      }
    },
  }
}
