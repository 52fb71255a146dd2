import { commandLines } from '../processes.ts'

/** Samples the arguments of all processes of this machine (the lab's hosts among them) until it is stopped. */
export function watchArguments(secret: string): { stop(): readonly string[] } {
  const seen = new Set<string>()
  let samples = 0
  const timer = setInterval(() => {
    samples++
    for (const line of commandLines()) if (line.includes(secret)) seen.add(line)
  }, 25)
  return {
    stop() {
      clearInterval(timer)
      if (samples === 0) throw new Error('no sample was taken')
      return [...seen]
    },
  }
}
