import type { Unmet } from '../../engine/contract/stage.ts'
import { type Labels, labelSelector } from '../../kubernetes/labels.ts'
import { toldUnmet } from '../attempt.ts'
import type { Seen } from './seeObjects.ts'
import { terminating } from './terminating.ts'

/** What stands in the way of objects that are wanted. @param needs stages that may bring what is missing. Pure. */
export const seenFaults = (seen: Seen, labels: Labels, about: string, needs: readonly string[]): Unmet[] => [
  ...seen.terminating.map((gone): Unmet => ({ ...terminating(gone), about })),
  ...seen.ofOthers.map(
    (title): Unmet => ({
      name: 'object-of-another',
      severity: 'error',
      about,
      message: `there is a ${title} already, which Slipway has not made`,
      remedy:
        'Give the component another name or namespace; where it is to be taken over, label it: ' +
        `${labelSelector(labels)}.`,
    }),
  ),
  ...(seen.refused ? [{ ...toldUnmet(seen.refused), about, providedBy: needs }] : []),
]
