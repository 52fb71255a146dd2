/**
 * The pieces of a body as they come. Rejects when none came for `silence` ms while one was waited for: a tunnel that is
 * half open and a server that is frozen break no connection. A reader that takes its time is no silence.
 */
export async function* heard(body: AsyncIterable<Uint8Array>, silence: number): AsyncGenerator<Uint8Array> {
  const iterator = body[Symbol.asyncIterator]()
  try {
    for (;;) {
      const result = await within(iterator.next(), silence)
      if (result.done) return
      yield result.value
    }
  } finally {
    // Not waited for: of a body that is silent no end comes either.
    void iterator.return?.()?.catch(() => {})
  }
}

async function within<Value>(next: Promise<Value>, silence: number): Promise<Value> {
  const { promise, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new Error(`nothing came for ${silence / 1000} s`)), silence)
  try {
    return await Promise.race([next, promise])
  } finally {
    clearTimeout(timer)
    next.catch(() => {})
  }
}
