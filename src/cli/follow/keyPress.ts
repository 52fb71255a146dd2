import { terminalInput } from '../terminalInput.ts'

/**
 * One key on the terminal, without waiting for Enter; Ctrl-C comes as \u0003. Null when the terminal has gone, '' when
 * the question was taken back.
 */
export async function keyPress(takenBack: AbortSignal): Promise<string | null> {
  const stdin = terminalInput()
  const { promise, resolve } = Promise.withResolvers<string | null>()
  const onData = (data: Buffer) => resolve(data.toString('utf8'))
  const onGone = () => resolve(null)
  const onTakenBack = () => resolve('')
  takenBack.addEventListener('abort', onTakenBack, { once: true })
  stdin.setRawMode(true)
  stdin.once('data', onData)
  stdin.once('end', onGone)
  stdin.once('error', onGone)
  stdin.resume()
  try {
    return await promise
  } finally {
    takenBack.removeEventListener('abort', onTakenBack)
    stdin.off('data', onData)
    stdin.off('end', onGone)
    stdin.setRawMode(false)
    stdin.pause()
    stdin.off('error', onGone)
  }
}
