/** One key on the terminal, without waiting for Enter; Ctrl-C comes as \u0003. Null when the terminal has gone. */
export async function keyPress(): Promise<string | null> {
  const { stdin } = process
  const { promise, resolve } = Promise.withResolvers<string | null>()
  const onData = (data: Buffer) => resolve(data.toString('utf8'))
  const onEnd = () => resolve(null)
  stdin.setRawMode(true)
  stdin.once('data', onData)
  stdin.once('end', onEnd)
  stdin.resume()
  try {
    return await promise
  } finally {
    stdin.off('data', onData)
    stdin.off('end', onEnd)
    stdin.setRawMode(false)
    stdin.pause()
  }
}
