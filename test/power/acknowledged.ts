import type { FoundRun, Word } from './words.ts'

/** What the database has acknowledged so far, over all boots. */
export interface Acknowledged {
  readonly runs: ReadonlySet<string>
  /** By `RUN event SEQ` or `RUN log SEQ`: the digest. */
  readonly rows: ReadonlyMap<string, string>
}

const place = (run: string, what: 'event' | 'log', seq: number): string => `${run} ${what} ${seq}`

export interface Ledger extends Acknowledged {
  add(word: Word): void
  /** As it is now. */
  copy(): Acknowledged
}

export function createLedger(): Ledger {
  const runs = new Set<string>()
  const rows = new Map<string, string>()
  return {
    runs,
    rows,
    add(word) {
      if (word.kind === 'made') runs.add(word.run)
      if (word.kind === 'written') rows.set(place(word.run, word.what, word.row[0]), word.row[1])
    },
    copy: () => ({ runs: new Set(runs), rows: new Map(rows) }),
  }
}

/** Of what was acknowledged: what is not there after a boot, or is another than it was. */
export function lostRows(found: readonly FoundRun[], { runs, rows }: Acknowledged): string[] {
  const there = new Map<string, string>()
  for (const { run, events, log } of found) {
    for (const [seq, content] of events) there.set(place(run, 'event', seq), content)
    for (const [seq, content] of log) there.set(place(run, 'log', seq), content)
  }
  const ids = new Set(found.map(({ run }) => run))
  return [
    ...[...runs].filter(run => !ids.has(run)).map(run => `run ${run} is gone`),
    ...[...rows].flatMap(([where, content]) => {
      const now = there.get(where)
      if (now === content) return []
      return [now === undefined ? `${where} is gone` : `${where} is another one`]
    }),
  ]
}

/** What must never be true of a run, finished or not: gaps, doubles, and stages that were executed again. */
export function contradictions(found: readonly FoundRun[]): string[] {
  return found.flatMap(({ run, events, log, completions, attempts, begun }) => {
    const faults: string[] = []
    for (const [what, rows] of [['events', events] as const, ['log', log] as const])
      if (rows.some(([seq], index) => seq !== index + 1))
        faults.push(`the ${what} are numbered ${rows.map(([seq]) => seq).join(' ')}`)
    for (const one of new Set(completions))
      if (completions.indexOf(one) !== completions.lastIndexOf(one)) faults.push(`${one} is there twice`)
    const executions = begun.map(([stage, number]) => `${stage} ${number}`)
    if (new Set(executions).size !== executions.length) faults.push(`executed twice: ${executions.join(', ')}`)
    for (const [stage, number] of begun)
      if (!attempts.some(one => one[0] === stage && one[1] === number))
        faults.push(`attempt ${number} of ${stage} was executed and is not on record`)
    for (const [stage, number, status] of attempts) {
      const isLast = !attempts.some(other => other[0] === stage && other[1] > number)
      if (!isLast && status !== 'interrupted')
        faults.push(`${stage} was tried again after attempt ${number}, which is ${status}`)
    }
    return faults.map(fault => `run ${run}: ${fault}`)
  })
}

/** What is missing when all runs should have come to their end. */
export const unfinished = (found: readonly FoundRun[]): string[] =>
  found.flatMap(({ run, status, completions, attempts }) => {
    const last = new Map(attempts.map(([stage, , outcome]) => [stage, outcome]))
    return [
      ...(status === 'completed' && completions.includes('run-completed') ? [] : [`run ${run} is ${status}`]),
      ...[...last]
        .filter(([, outcome]) => outcome !== 'completed')
        .map(([stage, outcome]) => `run ${run}: ${stage} is ${outcome}`),
    ]
  })
