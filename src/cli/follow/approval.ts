import type { Planned } from '../../contract/plans.ts'
import { SlipwayError } from '../../domain/errors.ts'
import { refuseOtherHash, shortHash } from '../../domain/planHash.ts'
import { isAttended, paint, say } from '../terminal.ts'
import { planLines } from '../view/planView.ts'

export interface ApprovalOptions {
  readonly yes?: boolean
  /** Hash of the plan that was seen, or its beginning. */
  readonly approve?: string
}

/** What a person is asked to approve, as it is shown. */
export interface Asked {
  /** `the plan` */
  readonly name: 'the plan' | 'the differences'
  readonly hash: string
  readonly lines: readonly string[]
  readonly question: string
  /** What is so without an approval: `nothing was changed`. */
  readonly left: string
  /** What to do when it was not approved: one sentence. */
  readonly later: string
}

/**
 * Shows it and asks; returns when it may be so.
 * @param command what was typed, for a shell, without the approval: `slipway apply -f cluster.yaml`.
 * @throws SlipwayError `approval-needed`, `plan-changed`.
 */
export async function askFor(asked: Asked, options: ApprovalOptions, command: string): Promise<void> {
  if (isApproved(asked, options)) return
  if (!isAttended()) throw nobodyToAsk(asked, command)
  const { confirm } = await import('../ask.ts')
  if (await confirm(asked.question, interrupted(asked))) return
  throw notApproved(asked)
}

/** As `askFor`, of a plan. */
export const approval = (planned: Planned, options: ApprovalOptions, command: string): Promise<void> =>
  askFor(ofPlan(planned), options, command)

/**
 * As `approval`, of what takes a whole cluster away: a yes is not enough, its name has to be typed as well.
 * @param named `typed`: what was given on the command line.
 * @returns the name as it was typed.
 */
export async function approvalByName(
  planned: Planned,
  options: ApprovalOptions,
  {
    cluster,
    typed,
    command,
  }: { readonly cluster: string; readonly typed: string | undefined; readonly command: string },
): Promise<string> {
  const asked = ofPlan(planned)
  const isTaken = isApproved(asked, options)
  if (isTaken && typed !== undefined) return typed
  if (!isAttended()) throw nobodyToAsk(asked, typed === undefined ? `${command} --confirm ${cluster}` : command)
  const { typedName } = await import('../ask.ts')
  const name = await typedName(`Type ${cluster} to uninstall it`, interrupted(asked))
  if (name === cluster) return name
  throw notApproved(asked)
}

export const ofPlan = (planned: Planned): Asked => ({
  name: 'the plan',
  hash: planned.hash,
  lines: planLines(planned, paint),
  question: 'Do this?',
  left: 'nothing was changed',
  later: 'Ask for it again when it should be done.',
})

const interrupted = ({ left }: Asked): string => `Interrupted; ${left}.`

/** Shows it. Whether it was approved beforehand. @throws SlipwayError `plan-changed`. */
function isApproved({ lines, hash }: Asked, { yes, approve }: ApprovalOptions): boolean {
  for (const line of [...lines, '']) say(line)
  if (approve !== undefined) refuseOtherHash(approve, hash)
  return yes === true || approve !== undefined
}

function nobodyToAsk({ name, hash }: Asked, command: string): SlipwayError {
  const short = shortHash(hash)
  const [is, it, its] = name === 'the plan' ? ['is', 'it', 'it is'] : ['are', 'them', 'they are']
  return new SlipwayError('approval-needed', `nobody is there to ask; ${name} ${is} ${short}`, {
    facts: { hash },
    remedy: `Approve ${it}: ${command} --approve ${short}, or --yes to take ${it} as ${its}.`,
  })
}

const notApproved = ({ name, hash, left, later }: Asked): SlipwayError =>
  new SlipwayError('approval-needed', `${name} ${name === 'the plan' ? 'was' : 'were'} not approved; ${left}`, {
    facts: { hash },
    remedy: later,
  })
