import type { Discovered } from '../../contract/discovery.ts'
import { SlipwayError } from '../../domain/errors.ts'
import { refuseOtherHash, shortHash } from '../../domain/planHash.ts'
import { isAttended, say } from '../terminal.ts'
import { differenceLines } from '../view/discovered.ts'
import type { ApprovalOptions } from './approval.ts'

/**
 * Shows what would be another on record and asks; returns when it may be so.
 * @param command what was typed, for a shell, without the approval.
 * @throws SlipwayError `approval-needed`, `plan-changed`.
 */
export async function approveDifferences(
  found: Discovered,
  { yes, approve }: ApprovalOptions,
  command: string,
): Promise<void> {
  for (const line of [...differenceLines(found), '']) say(line)
  if (approve !== undefined) refuseOtherHash(approve, found.hash)
  if (yes || approve !== undefined) return
  const hash = shortHash(found.hash)
  if (!isAttended())
    throw new SlipwayError('approval-needed', `nobody is there to ask; the differences are ${hash}`, {
      facts: { hash: found.hash },
      remedy: `Approve them: ${command} --approve ${hash}, or --yes to take them as they are.`,
    })
  const { confirm } = await import('../ask.ts')
  if (await confirm('Put this on record?', 'Interrupted; nothing was recorded.')) return
  throw new SlipwayError('approval-needed', 'the differences were not approved; nothing was recorded', {
    facts: { hash: found.hash },
    remedy: 'Discover again when they should go on record.',
  })
}
