import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import { cpus, totalmem } from 'node:os'
import { join, resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { z } from 'zod'
import { type Bound, type Figure, isMet } from './bound.ts'
import { bounds } from './bounds/index.ts'

/** Measures the bounds that are named (all when none is), prints a line each, saves them as JSON; exit 1 when one is missed. */
const wanted = process.argv.slice(2)
const figures = z.array(
  z.object({ name: z.string(), figure: z.number(), bound: z.number(), unit: z.string(), note: z.string() }),
)
// Ends the measurement that is under way.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))
const unknown = wanted.filter(name => !bounds.some(bound => bound.name === name))
if (unknown.length > 0) {
  console.error(`unknown: ${unknown.join(', ')}; there are: ${bounds.map(bound => bound.name).join(', ')}`)
  process.exit(2)
}

const machine = `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`
console.log(`machine: ${machine}`)

const measured: (Figure & { met: boolean })[] = []
const failures: { name: string; error: string }[] = []
for (const bound of bounds.filter(({ name }) => wanted.length === 0 || wanted.includes(name))) {
  try {
    for (const figure of await measureApart(bound)) {
      const met = isMet(figure)
      measured.push({ ...figure, met })
      console.log(line(figure, met))
    }
  } catch (error) {
    failures.push({ name: bound.name, error: error instanceof Error ? error.message : String(error) })
    console.log(
      `${bound.name.padEnd(34)} could not be measured: ${error instanceof Error ? error.message : String(error)}`,
    )
  }
}

const folder = join(resolve(import.meta.dirname), 'results')
await mkdir(folder, { recursive: true })
const file = join(folder, `${new Date().toISOString().replaceAll(':', '-')}.json`)
await writeFile(
  file,
  `${JSON.stringify({ machine, at: new Date().toISOString(), figures: measured, failures }, null, 2)}\n`,
)
console.log(`saved: ${file}`)
process.exit(failures.length === 0 && measured.every(figure => figure.met) ? 0 : 1)

function line(figure: Figure, met: boolean): string {
  const shown = `${figure.figure.toFixed(2)} ${figure.unit}`.padStart(12)
  return `${figure.name.padEnd(34)} ${shown}   bound ${figure.bound} ${figure.unit}   ${met ? 'ok' : 'missed'}   (${figure.note})`
}

/**
 * In a process group of its own, which is ended afterwards: nothing that a bound has left, least of all one that hangs,
 * takes the machine's time from the next.
 */
async function measureApart({ name, minutes }: Bound): Promise<Figure[]> {
  const script = join(import.meta.dirname, 'measure.ts')
  const child = spawn(process.execPath, [script, name], { detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
  const said = Promise.all([text(child.stdout), text(child.stderr)])
  const end = (): void => endGroup(child.pid)
  process.once('exit', end)
  const limit = AbortSignal.timeout(minutes * 60_000)
  try {
    await once(child, 'exit', { signal: limit })
  } catch (error) {
    if (!limit.aborted) throw error
    throw new Error(`not measured within ${minutes} minutes`, { cause: error })
  } finally {
    process.off('exit', end)
    end()
  }
  const [printed, errors] = await said
  if (child.exitCode !== 0) throw new Error(errors.trim() || `the measurement ended with ${child.exitCode}`)
  return figures.parse(JSON.parse(printed))
}

function endGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL')
  } catch {
    // Nobody is left in it.
  }
}
