import { readdirSync, readFileSync } from 'node:fs'

/** Samples the arguments of all processes of this machine (the lab's hosts among them) until it is stopped. */
export function watchArguments(secret: string): { stop(): readonly string[] } {
  const seen = new Set<string>()
  let samples = 0
  const timer = setInterval(() => {
    samples++
    for (const pid of readdirSync('/proc')) {
      if (!/^\d+$/.test(pid)) continue
      const text = argumentsOf(pid)
      if (text.includes(secret)) seen.add(text.replaceAll('\0', ' '))
    }
  }, 25)
  return {
    stop() {
      clearInterval(timer)
      if (samples === 0) throw new Error('no sample was taken')
      return [...seen]
    },
  }
}

function argumentsOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  } catch {
    // It ended while we looked.
    return ''
  }
}
