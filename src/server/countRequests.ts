import type { FastifyInstance, FastifyRequest } from 'fastify'

export interface RequestCount {
  /** Requests that are being answered; a stream counts as long as it is open. */
  readonly open: number
  /** Another client has looked whether this server is there, as every one does before it uses it. */
  readonly visited: boolean
  /** Resolves when none has been open for `quiet` ms; asked anew after each one. */
  idle(quiet: () => number, signal?: AbortSignal): Promise<void>
}

/** Those that last as long as a run does: its events, and its log where that is followed. */
const ofFollower = /\/runs\/[^/]+\/(?:events(?:\?|$)|log\?(?:.*&)?follow=true)/
/** The events of all runs, or of a cluster's. */
const ofAllEvents = /\/api\/v1\/(?:clusters\/[^/]+\/)?events(?:\?|$)/

/** What a request waits for: its answer, a run, or nothing that ends: no server stays for that. */
function awaited({ url, headers }: FastifyRequest): 'answer' | 'run' | 'nothing' {
  if (ofFollower.test(url)) return 'run'
  if (!ofAllEvents.test(url)) return 'answer'
  return /[?&]follow=true/.test(url) || headers.accept?.includes('text/event-stream') ? 'nothing' : 'answer'
}

/**
 * Lets a server that was started for one command see when the last other client has left.
 * @param followersCount asked each time: whether it goes on for those who follow a run.
 */
export function countRequests(server: FastifyInstance, followersCount: () => boolean = () => true): RequestCount {
  let others = 0
  let followers = 0
  const count = () => others + (followersCount() ? followers : 0)
  let visited = false
  let changed: () => void = () => {}
  server.addHook('onRequest', async (request, reply) => {
    const waitsFor = awaited(request)
    if (waitsFor === 'nothing') return
    const follows = waitsFor === 'run'
    if (follows) followers += 1
    else others += 1
    visited ||= request.url === '/healthz'
    changed()
    reply.raw.once('close', () => {
      if (follows) followers -= 1
      else others -= 1
      changed()
    })
  })
  return {
    get open() {
      return count()
    },
    get visited() {
      return visited
    },
    async idle(quiet, signal) {
      while (!signal?.aborted) {
        const next = Promise.withResolvers<void>()
        changed = next.resolve
        signal?.addEventListener('abort', () => next.resolve(), { once: true })
        const timer = count() === 0 ? setTimeout(() => next.resolve(), quiet()) : undefined
        const before = count()
        await next.promise
        clearTimeout(timer)
        if (before === 0 && count() === 0) return
      }
    },
  }
}
