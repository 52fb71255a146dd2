import { setTimeout as after } from 'node:timers/promises'
import { contradictions, createLedger, lostRows, unfinished } from './acknowledged.ts'
import { type Boot, boot } from './boot.ts'
import type { PowerLoss } from './disk.ts'
import { type Moment, momentOf } from './moments.ts'
import type { Site } from './site.ts'

export interface Round {
  readonly cuts: number
  /** Whether the machine's programs can have writes forced to the disk. */
  readonly flushes: boolean
  readonly random: () => number
  readonly say: (line: string) => void
}

/**
 * Cuts the power so many times, then lets the machine finish all runs. Returns what was lost or contradicts itself,
 * after the first boot that finds any; empty when nothing was.
 */
export async function cutPower({ parts, disk, server, checkFileSystem }: Site, round: Round): Promise<string[]> {
  const { random, say } = round
  const ledger = createLedger()
  /** ms from the mounted disk to the worker; of the first boot, which makes the database, nothing is known. */
  let startTime = 30_000
  const start = (task: 'work' | 'finish'): Boot => boot(parts, { task, flushes: round.flushes }, ledger)

  /** What a boot finds of all before it. */
  const judge = async (machine: Boot, began: number): Promise<string[]> => {
    // What it acknowledges itself comes on top as soon as it works.
    const before = ledger.copy()
    await machine.mounted
    const mounted = performance.now()
    const found = await machine.working
    startTime = performance.now() - mounted
    const lost = lostRows(found, before)
    const recovered = machine.notes.some(note => note.includes('recovers by itself')) ? 'recovered' : 'opened'
    say(
      `       ${recovered} and at work after ${seconds(began)}: ${found.length} runs, ${before.rows.size} acknowledged, ${lost.length} lost`,
    )
    return [...lost, ...contradictions(found)]
  }
  const atWork = async (machine: Boot, began: number, end: () => Promise<void>): Promise<string[]> => {
    const faults = await judge(machine, began)
    await machine.firstRow
    // It does not finish: this is how one that fails meanwhile is seen.
    await Promise.race([end(), machine.finished])
    return faults
  }
  const starting = async (machine: Boot, began: number, share: number): Promise<string[]> => {
    await machine.mounted
    const early = after(share * startTime).then(() => [])
    // A start that is quicker than the last one may have come to its end before.
    return Promise.race([early, judge(machine, began)])
  }
  /** What is found meanwhile. */
  const lived = (machine: Boot, began: number, moment: Moment): Promise<string[]> => {
    if (moment.phase === 'starting') return starting(machine, began, moment.share)
    return atWork(machine, began, () => (moment.phase === 'at work' ? after(moment.after) : disk.breakAt(moment.flush)))
  }
  const lose = async (): Promise<PowerLoss> => {
    await server.disconnected()
    return disk.losePower(random)
  }

  for (let cut = 1; cut <= round.cuts; cut++) {
    const moment = momentOf(random, round.flushes)
    const began = performance.now()
    const before = ledger.rows.size
    const machine = start('work')
    try {
      const faults = await lived(machine, began, moment)
      if (faults.length > 0) return faults
    } finally {
      await machine.cut()
    }
    const { lost, kept } = await lose()
    say(
      `cut ${String(cut).padStart(2)} ${wordsOf(moment)}, ${seconds(began)} after it was switched on: ${ledger.rows.size} acknowledged (${ledger.rows.size - before} in this boot); the disk's cache lost ${lost} of ${lost + kept} sectors`,
    )
  }
  const began = performance.now()
  const machine = start('finish')
  try {
    const faults = await judge(machine, began)
    const found = await machine.finished
    await lose()
    const broken = checkFileSystem()
    say(`all ${found.length} runs have ended after ${seconds(began)}, ${ledger.rows.size} rows acknowledged`)
    return [
      ...faults,
      ...lostRows(found, ledger),
      ...contradictions(found),
      ...unfinished(found),
      ...(broken === '' ? [] : [`the file system: ${broken}`]),
    ]
  } finally {
    await machine.cut()
  }
}

function wordsOf(moment: Moment): string {
  if (moment.phase === 'at work') return `${(moment.after / 1000).toFixed(1)} s after the first row`
  if (moment.phase === 'in a flush') return `at flush ${moment.flush} after the first row`
  return 'while it started'
}

const seconds = (since: number): string => `${((performance.now() - since) / 1000).toFixed(1)} s`
