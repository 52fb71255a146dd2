import { type Interrupted, interruptedShape, type Run, runDetailShape } from '../../contract/runs.ts'
import { SlipwayError } from '../../domain/errors.ts'
import { shortHash } from '../../domain/planHash.ts'
import type { OperationRequest } from '../../contract/operations.ts'
import type { Connected } from '../client/withServer.ts'
import type { ClusterDocument } from '../../contract/plans.ts'
import { isAttended, say } from '../terminal.ts'
import { followEvents } from './followEvents.ts'
import { type HeldSignals, holdSignals } from './interrupts.ts'
import { reportRun } from './reportRun.ts'
import type { Format } from '../output.ts'

/** What an apply was asked with, as far as it concerns a run that was interrupted. */
export interface TakeUpOptions {
  /** What was typed, without the approval. */
  readonly command: string
  readonly yes?: boolean
  readonly approve?: string
  readonly accept: readonly string[]
  /** Id of the run that may be ended. */
  readonly supersede?: string
}

/** What becomes of a run that was begun and that nobody executes. */
export type TakeUp =
  /** There is none. */
  | { readonly kind: 'none' }
  /** It does what is wanted, and was approved: it goes on. */
  | { readonly kind: 'goes-on'; readonly run: Run }
  /** It is to be ended before another one begins, once that was approved. */
  | { readonly kind: 'in-the-way'; readonly run: Run; readonly why: string }

/**
 * The same command goes on where its own process ended: a run that was approved for the same wish needs no new approval.
 * Without a document the stored desired state is meant.
 * @throws SlipwayError `lease-held` where it does something else, nobody is there to ask, and it was not named.
 */
export async function takeUp(
  { client }: Connected,
  { cluster, document }: { readonly cluster: string; readonly document?: ClusterDocument },
  operation: OperationRequest,
  options: TakeUpOptions,
): Promise<TakeUp> {
  const path = `/clusters/${encodeURIComponent(cluster)}/interrupted`
  const query = { ...(document && { document }), operation, accept: options.accept }
  const found = await client.post(path, query, interruptedShape)
  const { run } = found
  if (run === null) return { kind: 'none' }
  const why = whyNot(found, run, options)
  const where = whereInterrupted(found, run)
  if (why === null) {
    say(`${where}; going on with it (plan ${shortHash(run.plan_hash)}, approved by ${run.approved_by}).`)
    return { kind: 'goes-on', run }
  }
  if (options.supersede !== run.id && !isAttended())
    throw new SlipwayError('lease-held', `run ${run.id} was interrupted, nobody executes it, and ${why}`, {
      facts: { run: run.id, cluster: run.subject.name, at: found.at },
      remedy: `Put this in its place: ${supersedingCommand(run.id, options)}. Or go on with it as it was planned: slipway resume ${run.id} --as-planned.`,
    })
  say(`${where}, nobody executes it, and ${why}.`)
  return { kind: 'in-the-way', run, why }
}

/** `Run bcdf2345gh was interrupted at rke2/join:m2` */
export const whereInterrupted = ({ at }: Interrupted, run: Run): string =>
  `Run ${run.id} was interrupted${at === null ? '' : ` at ${at}`}`

/** Why it is not enough to go on with the run; null when it is. */
export function whyNot(
  { differs }: Interrupted,
  run: Run,
  { accept, approve, supersede }: Pick<TakeUpOptions, 'accept' | 'approve' | 'supersede'>,
): string | null {
  if (supersede === run.id) return 'it is to be superseded'
  if (run.cancel_requested) return 'it was to be cancelled'
  if (differs === 'file') return 'it does something else than is asked for now'
  if (differs === 'acceptance')
    return `it was approved with ${accepting(run.accepted)}, and this is to be done with ${accepting(accept)}`
  if (approve !== undefined && !run.plan_hash.startsWith(approve))
    return `it was approved as plan ${shortHash(run.plan_hash)}, not ${shortHash(approve)}`
  return null
}

const accepting = (words: readonly string[]): string =>
  words.length === 0 ? 'no warning accepted' : acceptOptions(words).join(' ')

export const acceptOptions = (words: readonly string[]): string[] => words.map(word => `--accept ${word}`)

/** What to type, with everything that was typed. */
function supersedingCommand(run: string, { command, yes, approve }: TakeUpOptions): string {
  const approval = [...(yes ? ['--yes'] : []), ...(approve === undefined ? [] : [`--approve ${approve}`])]
  return [command, ...approval, `--supersede ${run}`].join(' ')
}

/**
 * Ends an interrupted run in good order: what it left on the hosts ends first.
 * @throws SlipwayError `approval-needed` where a person is asked and does not want it.
 */
export async function endInterrupted(
  { client }: Connected,
  { run, supersede }: { readonly run: Run; readonly supersede: string | undefined },
  held: HeldSignals,
): Promise<void> {
  if (supersede !== run.id) {
    const { confirm } = await import('../ask.ts')
    if (!(await confirm(`End run ${run.id} and do this instead?`, 'Interrupted; nothing was changed.')))
      throw new SlipwayError('approval-needed', `run ${run.id} was left as it is; nothing was changed`, {
        remedy: `Go on with it as it was planned: slipway resume ${run.id} --as-planned.`,
      })
  }
  await client.post(`/runs/${run.id}/cancel`, {}, runDetailShape, held.signal)
  // Its events end with the run.
  for await (const event of followEvents(client, run.id, run.seq, held.signal, () => {}))
    if (event.type === 'run-cancelled') say(`Run ${run.id} was ended.`)
}

/** Follows a run that an earlier command began to its end. Gives the exit code. */
export async function goOn(connected: Connected, run: Run, output: Format): Promise<number> {
  const { settleRun } = await import('./settleRun.ts')
  const settled = await settleRun(connected, run.id, run.seq, holdSignals(run.subject.name))
  await reportRun(output, run.subject.name, { plan_hash: run.plan_hash, has_changes: true }, { id: run.id, settled })
  return settled.exit
}
