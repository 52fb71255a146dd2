import { createParser } from 'eventsource-parser'
import type { z } from 'zod'

/** Server-sent events, each the JSON of a shape. */
export async function* parseEvents<Shape extends z.ZodType>(
  body: AsyncIterable<Uint8Array>,
  shape: Shape,
): AsyncGenerator<z.output<Shape>> {
  const found: z.output<Shape>[] = []
  const parser = createParser({ onEvent: ({ data }) => found.push(shape.parse(JSON.parse(data))) })
  const decoder = new TextDecoder()
  for await (const bytes of body) {
    parser.feed(decoder.decode(bytes, { stream: true }))
    yield* found.splice(0)
  }
}
