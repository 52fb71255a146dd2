import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createParser } from 'eventsource-parser'
import { z } from 'zod'
import type { Server, Site } from './harness.ts'

/** Reads a server's API as any program would: with the token of its data folder, over HTTP. */

const event = z.object({
  seq: z.int(),
  type: z.string(),
  stage: z.string().nullable(),
  attempt: z.int().nullable(),
  host: z.string().nullable(),
  message: z.string(),
})
export type SeenEvent = z.infer<typeof event>

const runs = z.object({ items: z.array(z.object({ id: z.string(), status: z.string() })) })

const headers = (site: Site) => ({ authorization: `Bearer ${readFileSync(join(site.home, 'token'), 'utf8').trim()}` })

/** The newest run of the site's cluster; undefined while there is none. */
export async function newestRun(site: Site, server: Server): Promise<{ id: string; status: string } | undefined> {
  const response = await fetch(`${server.url}/api/v1/clusters/${site.cluster}/runs?limit=1`, { headers: headers(site) })
  if (response.status === 404) return undefined
  return runs.parse(await response.json()).items[0]
}

/** Events of a run behind `after`, until the run ends, the server goes away, or the reader stops. */
export async function* runEvents(site: Site, server: Server, run: string, after: number): AsyncGenerator<SeenEvent> {
  const stop = new AbortController()
  try {
    const response = await fetch(`${server.url}/api/v1/runs/${run}/events`, {
      headers: { ...headers(site), accept: 'text/event-stream', 'last-event-id': String(after) },
      signal: stop.signal,
    })
    const waiting: SeenEvent[] = []
    const parser = createParser({ onEvent: ({ data }) => waiting.push(event.parse(JSON.parse(data))) })
    const decoder = new TextDecoder()
    for await (const piece of response.body ?? []) {
      parser.feed(decoder.decode(piece, { stream: true }))
      yield* waiting.splice(0)
    }
  } finally {
    stop.abort()
  }
}
