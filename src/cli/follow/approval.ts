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

/**
 * Shows the plan and asks; returns when it may be carried out.
 * @param command what was typed, for a shell, without the approval: `slipway apply -f cluster.yaml`.
 * @throws SlipwayError `approval-needed`, `plan-changed`.
 */
export async function approval(planned: Planned, options: ApprovalOptions, command: string): Promise<void> {
  if (isApproved(planned, options)) return
  if (!isAttended()) throw nobodyToAsk(planned, command)
  const { confirm } = await import('../ask.ts')
  if (await confirm('Do this?', unchanged)) return
  throw notApproved(planned)
}

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
  const isTaken = isApproved(planned, options)
  if (isTaken && typed !== undefined) return typed
  if (!isAttended()) throw nobodyToAsk(planned, typed === undefined ? `${command} --confirm ${cluster}` : command)
  const { typedName } = await import('../ask.ts')
  const name = await typedName(`Type ${cluster} to uninstall it`, unchanged)
  if (name === cluster) return name
  throw notApproved(planned)
}

const unchanged = 'Interrupted; nothing was changed.'

/** Shows the plan. Whether it was approved beforehand. @throws SlipwayError `plan-changed`. */
function isApproved(planned: Planned, { yes, approve }: ApprovalOptions): boolean {
  for (const line of [...planLines(planned, paint), '']) say(line)
  if (approve !== undefined) refuseOtherHash(approve, planned.hash)
  return yes === true || approve !== undefined
}

function nobodyToAsk({ hash }: Planned, command: string): SlipwayError {
  const short = shortHash(hash)
  return new SlipwayError('approval-needed', `nobody is there to ask; the plan is ${short}`, {
    facts: { hash },
    remedy: `Approve it: ${command} --approve ${short}, or --yes to take it as it is.`,
  })
}

const notApproved = ({ hash }: Planned): SlipwayError =>
  new SlipwayError('approval-needed', 'the plan was not approved; nothing was changed', {
    facts: { hash },
    remedy: 'Ask for it again when it should be done.',
  })
