import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createParser } from 'eventsource-parser'
import { z } from 'zod'

const event = z.object({ seq: z.int(), type: z.string(), stage: z.string().nullable() })
const runs = z.object({ items: z.array(z.object({ id: z.string(), status: z.string() })) })

/** What opens a server's API: the token of its data folder. */
export const authorised = (home: string) => ({
  authorization: `Bearer ${readFileSync(join(home, 'token'), 'utf8').trim()}`,
})

/** Runs of a cluster, the newest first; none while the cluster is not known. */
export async function clusterRuns(
  home: string,
  url: string,
  cluster: string,
): Promise<{ id: string; status: string }[]> {
  const response = await fetch(`${url}/api/v1/clusters/${cluster}/runs`, { headers: authorised(home) })
  return response.ok ? runs.parse(await response.json()).items : []
}

/** Events of a run behind `after`; ends with the run, with the server, or with its reader. */
export async function* runEvents(
  home: string,
  url: string,
  run: string,
  after: number,
): AsyncGenerator<z.infer<typeof event>> {
  const stop = new AbortController()
  try {
    const response = await fetch(`${url}/api/v1/runs/${run}/events`, {
      headers: { ...authorised(home), accept: 'text/event-stream', 'last-event-id': String(after) },
      signal: stop.signal,
    })
    const waiting: z.infer<typeof event>[] = []
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
