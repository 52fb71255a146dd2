import type { FastifyInstance } from 'fastify'

export interface RequestCount {
  /** Requests that are being answered; a stream counts as long as it is open. */
  readonly open: number
  /** Resolves when none has been open for `quiet` ms. */
  idle(quiet: number, signal?: AbortSignal): Promise<void>
}

/** Lets a server that was started for one command see when the last other client has left. */
export function countRequests(server: FastifyInstance): RequestCount {
  let open = 0
  let changed: () => void = () => {}
  server.addHook('onRequest', async (_, reply) => {
    open += 1
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
    async idle(quiet, signal) {
      while (!signal?.aborted) {
        const next = Promise.withResolvers<void>()
        changed = next.resolve
        signal?.addEventListener('abort', () => next.resolve(), { once: true })
        const timer = open === 0 ? setTimeout(() => next.resolve(), quiet) : undefined
        const before = open
        await next.promise
        clearTimeout(timer)
        if (before === 0 && open === 0) return
      }
    },
  }
}
