import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createParser } from 'eventsource-parser'
import { z } from 'zod'

/** A server's API as any program would use it: with the token of its data folder, over HTTP. For tests and benchmarks. */
export interface ServerOf {
  /** The data folder. */
  readonly home: string
  readonly url: string
}

const event = z.object({
  seq: z.int(),
  type: z.string(),
  stage: z.string().nullable(),
  attempt: z.int().nullable(),
  host: z.string().nullable(),
  message: z.string(),
})
export type SeenEvent = z.infer<typeof event>

const runs = z.object({ items: z.array(z.object({ id: z.string(), status: z.string(), seq: z.int() })) })

export const authorised = (home: string) => ({
  authorization: `Bearer ${readFileSync(join(home, 'token'), 'utf8').trim()}`,
})

/** The newest run of a cluster; undefined while there is none. */
export async function newestRun(
  { home, url }: ServerOf,
  cluster: string,
): Promise<{ id: string; status: string; seq: number } | undefined> {
  const response = await fetch(`${url}/api/v1/clusters/${cluster}/runs?limit=1`, { headers: authorised(home) })
  return response.ok ? runs.parse(await response.json()).items[0] : undefined
}

/** Events of a run behind `after`; ends with the run, quietly also with the server, or with its reader. */
export async function* runEvents({ home, url }: ServerOf, run: string, after: number): AsyncGenerator<SeenEvent> {
  const stop = new AbortController()
  try {
    const response = await fetch(`${url}/api/v1/runs/${run}/events`, {
      headers: { ...authorised(home), accept: 'text/event-stream', 'last-event-id': String(after) },
      signal: stop.signal,
    })
    const waiting: SeenEvent[] = []
    const parser = createParser({ onEvent: ({ data }) => waiting.push(event.parse(JSON.parse(data))) })
    const decoder = new TextDecoder()
    for await (const piece of response.body ?? []) {
      parser.feed(decoder.decode(piece, { stream: true }))
      yield* waiting.splice(0)
    }
  } catch (error) {
    // What fetch throws when the other side is gone.
    if (!(error instanceof TypeError)) throw error
  } finally {
    stop.abort()
  }
}
