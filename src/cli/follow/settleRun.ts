import { runDetailShape, type RunDetail } from '../../contract/runs.ts'
import { isForgetting } from '../../contract/forgetting.ts'
import { exitCodes, SlipwayError } from '../../domain/errors.ts'
import { withMachine, withoutRun, withRun } from '../../domain/placeholders.ts'
import { shortHash } from '../../domain/planHash.ts'
import { confirm } from '../ask.ts'
import type { Connected } from '../client/withServer.ts'
import { findingLines } from '../failure.ts'
import { isAttended, paint, printable, say } from '../terminal.ts'
import { duration } from '../view/duration.ts'
import { planLines } from '../view/planView.ts'
import { type HeldSignals, holdSignals } from './interrupts.ts'
import { logTail } from './logTail.ts'
import { runToEnd } from './runToEnd.ts'

export interface Settled {
  /** Null when the user left before the end. */
  readonly run: RunDetail | null
  readonly exit: number
}

/** Follows a run to its end, asks where it pauses and somebody is there, and tells how it ended. */
export async function settleRun(connected: Connected, id: string, from: number, held: HeldSignals): Promise<Settled> {
  let after = from
  let signals = held
  for (;;) {
    const end = await runToEnd(connected, id, after, signals)
    if (end.kind === 'left') {
      say(
        connected.own
          ? `Left run ${id}. It stops here; go on with it: slipway resume ${id}`
          : `Left run ${id}. The server goes on with it: slipway logs -f ${id}`,
      )
      return { run: null, exit: exitCodes.interrupted }
    }
    const { run } = end
    if (run.status === 'queued' || run.status === 'running') {
      // Somebody else has let it go on, between its end and this look at it.
      after = run.seq
      signals = holdSignals(run.subject.name)
      continue
    }
    if (run.status !== 'awaiting_approval') return { run, exit: await tellEnd(connected, run) }
    showDifference(run)
    const hash = run.pending_hash ?? ''
    const waits = `Run ${id} waits for an approval: slipway approve ${id} ${shortHash(hash)}`
    if (!isAttended() || !(await confirm('Approve this and go on?', waits))) {
      say(waits)
      return { run, exit: exitCodes.refused }
    }
    after = run.seq
    signals = holdSignals(run.subject.name)
    await connected.client.post(`/runs/${id}/approve`, { hash }, runDetailShape, signals.signal)
  }
}

/** What it would do now, where that is not what was approved. */
function showDifference(run: RunDetail): void {
  say(paint('yellow', `Run ${run.id} is paused: the world is not as it was when the plan was approved.`))
  const approved = new Map(run.stages.map(stage => [stage.key, JSON.stringify(stage.decision)]))
  const plan = run.pending_plan
  if (!plan) return
  const named = new Map(run.stages.map(({ key, name }) => [key, name]))
  const stages = plan.stages
    .map(stage => ({ ...stage, name: named.get(stage.key) ?? stage.key }))
    .filter(stage => approved.get(stage.key) !== JSON.stringify(stage.decision))
  say('What it would do now instead:')
  for (const line of planLines({ ...plan, stages }, paint).slice(1)) say(line)
}

async function tellEnd({ client }: Connected, run: RunDetail): Promise<number> {
  const took = run.started && run.ended ? ` in ${duration(Date.parse(run.ended) - Date.parse(run.started))}` : ''
  switch (run.status) {
    case 'completed':
      for (const line of withoutLines(run)) say(line)
      say(`${paint('green', '✔')} ${run.title}: completed${run.error ? ' with warnings' : ''}${took} (run ${run.id})`)
      say(paint('dim', nextCommands(run)))
      return run.error ? exitCodes.incomplete : exitCodes.done
    case 'cancelled':
      for (const line of notDone(run)) say(`  ${paint('yellow', '■')} ${printable(line)}`)
      say(`${paint('yellow', '■')} Run ${run.id} was cancelled. Go on with it: slipway resume ${run.id}`)
      return exitCodes.cancelled
    case 'superseded':
      if (run.superseded_by === null) {
        say(`Run ${run.id} was settled: nothing of it was left to do.`)
        return exitCodes.done
      }
      say(`Run ${run.id} was superseded by run ${run.superseded_by}.`)
      return exitCodes.failed
    default:
      for (const line of await logTail(client, run)) say(paint('dim', `  ${line}`))
      showRunError(run)
      return new SlipwayError('run-failed', '').exitCode
  }
}

/** Of what is off the record nothing but its runs can be asked for. */
function nextCommands({ subject: { kind, name }, stages }: RunDetail): string {
  if (kind === 'machine')
    return stages.some(stage => stage.kind === 'machine/destroy')
      ? `  slipway runs --machine ${name}`
      : `  slipway machine show ${name}   slipway machine ssh ${name}`
  return stages.some(({ decision }) => isForgetting(decision))
    ? `  slipway runs ${name}`
    : `  slipway nodes ${name}   slipway kubeconfig ${name}`
}

/** The end of what a service wrote that did not become ready. */
const journalLines = (journal: unknown): string[] =>
  typeof journal === 'string' ? journal.trimEnd().split('\n').slice(-shownJournalLines).map(printable) : []
const shownJournalLines = 12

/** What a completed run could do without, and why that is missing. */
const withoutLines = ({ error, stages }: Pick<RunDetail, 'error' | 'stages'>): string[] => [
  ...stages
    .filter(({ status }) => status === 'failed' || status === 'blocked')
    .map(
      ({ title, reason }) =>
        `  ${paint('yellow', '■')} without: ${printable(title)}${reason === null ? '' : ` (${printable(reason)})`}`,
    ),
  // It has completed: nothing of it is resumed.
  ...findingLines(
    (error?.findings ?? []).map(({ place: _place, ...finding }) => ({
      ...finding,
      remedy: withoutRun(finding.remedy, 'give the same command again'),
    })),
  ),
]

/** Findings say themselves what is wrong: then it is enough to name the stage. */
function failureTitle({ error, stages }: Pick<RunDetail, 'error' | 'stages'>): string {
  const stage = stages.find(({ key }) => key === error?.facts['stage'])
  if (!error || error.findings.length === 0 || !stage) return error?.message ?? 'the run failed'
  const failed = stages.filter(({ status }) => status === 'failed')
  if (failed.length > 1) return `not done for all: ${failed.map(({ title }) => title).join('; ')}`
  const count = error.findings.length === 1 ? '1 finding stands' : `${error.findings.length} findings stand`
  return `${stage.title}: ${count} in the way`
}

/** What the run did not come to; the rest is done, or failed. */
const notDone = ({ stages }: Pick<RunDetail, 'stages'>): string[] =>
  stages
    .filter(({ status }) => status === 'blocked' || status === 'waiting' || status === 'cancelled')
    .map(({ title, reason }) => `not done: ${title}${reason === null ? '' : ` (${reason})`}`)

/** The first error with its cause and what to do; then how to go on. */
export function showRunError(run: Pick<RunDetail, 'id' | 'error' | 'stages' | 'subject'>): void {
  const { error, subject } = run
  const ofThis = (remedy: string) =>
    withRun(subject.kind === 'machine' ? withMachine(remedy, subject.name) : remedy, run.id)
  say(`${paint('red', `error[${error?.code ?? 'run-failed'}]`)} ${printable(failureTitle(run))}`)
  for (const cause of error?.causes ?? []) say(`  because: ${printable(cause)}`)
  // Of any run the remedies speak; which one it is, is known here.
  const findings = error?.findings.map(({ place: _place, ...finding }) => ({
    ...finding,
    remedy: ofThis(finding.remedy),
  }))
  for (const line of findingLines(findings ?? [])) say(line)
  for (const line of journalLines(error?.facts['journal'])) say(paint('dim', `  | ${line}`))
  for (const line of notDone(run)) say(`  ${paint('yellow', '■')} ${printable(line)}`)
  const fixFirst = `Fix what is listed, then go on: slipway resume ${run.id}`
  if (error) say(`  ${paint('cyan', '→')} ${error.findings.length > 0 ? fixFirst : printable(ofThis(error.remedy))}`)
  say(paint('dim', `  slipway logs ${run.id}   slipway resume ${run.id}`))
}
