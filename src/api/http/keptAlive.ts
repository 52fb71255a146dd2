/** Writes items as they come, and a heartbeat whenever none came for a while. */
export async function* keptAlive<Item>(
  items: AsyncIterable<Item>,
  write: (item: Item) => string,
  heartbeat: string,
  every: number,
): AsyncGenerator<string> {
  const iterator = items[Symbol.asyncIterator]()
  try {
    // Sent at once, so that the client knows that it is connected.
    yield heartbeat
    let next = iterator.next()
    for (;;) {
      const result = await orQuiet(next, every)
      if (result === quiet) {
        yield heartbeat
        continue
      }
      if (result.done) return
      yield write(result.value)
      next = iterator.next()
    }
  } finally {
    await iterator.return?.()
  }
}

const quiet = Symbol('quiet')

async function orQuiet<T>(promise: Promise<T>, limit: number): Promise<T | typeof quiet> {
  const { promise: late, resolve } = Promise.withResolvers<typeof quiet>()
  const timer = setTimeout(() => resolve(quiet), limit)
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}
