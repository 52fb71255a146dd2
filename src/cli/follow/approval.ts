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
export async function approval(planned: Planned, { yes, approve }: ApprovalOptions, command: string): Promise<void> {
  for (const line of [...planLines(planned, paint), '']) say(line)
  if (approve !== undefined) refuseOtherHash(approve, planned.hash)
  if (yes || approve !== undefined) return
  const hash = shortHash(planned.hash)
  if (!isAttended())
    throw new SlipwayError('approval-needed', `nobody is there to ask; the plan is ${hash}`, {
      facts: { hash: planned.hash },
      remedy: `Approve it: ${command} --approve ${hash}, or --yes to take it as it is.`,
    })
  const { confirm } = await import('../ask.ts')
  if (await confirm('Do this?', 'Interrupted; nothing was changed.')) return
  throw new SlipwayError('approval-needed', 'the plan was not approved; nothing was changed', {
    facts: { hash: planned.hash },
    remedy: 'Ask for it again when it should be done.',
  })
}
