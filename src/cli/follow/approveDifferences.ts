import type { Discovered } from '../../contract/discovery.ts'
import { differenceLines } from '../view/discovered.ts'
import { type ApprovalOptions, askFor } from './approval.ts'

/**
 * Shows what would be another on record and asks; returns when it may be so.
 * @param command what was typed, for a shell, without the approval.
 * @throws SlipwayError `approval-needed`, `plan-changed`.
 */
export const approveDifferences = (found: Discovered, options: ApprovalOptions, command: string): Promise<void> =>
  askFor(
    {
      name: 'the differences',
      hash: found.hash,
      lines: differenceLines(found),
      question: 'Put this on record?',
      left: 'nothing was recorded',
      later: 'Discover again when they should go on record.',
    },
    options,
    command,
  )
