import { isDrawable } from '../terminal.ts'
import { duration } from './duration.ts'
import { frame, spinner } from './spinner.ts'

/** Work that is quick needs no word, ms. */
const patience = 600

/** Says on a terminal what is being waited for, when it takes long, and takes it back afterwards. */
export async function busy<Result>(what: string, work: Promise<Result>): Promise<Result> {
  if (!isDrawable()) return work
  const out = process.stderr
  const began = performance.now()
  let drawn = false
  const timer = setInterval(() => {
    const elapsed = performance.now() - began
    if (elapsed < patience) return
    drawn = true
    out.write(`\r\u001b[K${spinner(elapsed)} ${what}  ${duration(elapsed)}`)
  }, frame)
  try {
    return await work
  } finally {
    clearInterval(timer)
    if (drawn) out.write('\r\u001b[K')
  }
}
