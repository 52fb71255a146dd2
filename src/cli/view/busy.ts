import { isDrawable } from '../terminal.ts'
import { duration } from './duration.ts'

/** Work that is quick needs no word, ms. */
const patience = 600
const frame = 100
const spinner = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏']

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
    out.write(`\r\u001b[K${spinner[Math.floor(elapsed / frame) % spinner.length]} ${what}  ${duration(elapsed)}`)
  }, frame)
  try {
    return await work
  } finally {
    clearInterval(timer)
    if (drawn) out.write('\r\u001b[K')
  }
}
