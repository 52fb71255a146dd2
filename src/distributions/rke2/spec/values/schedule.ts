import { cronFault } from './cron.ts'
import { cronInterval } from './cronInterval.ts'
import type { ValueFault } from '../../../../domain/values/forms.ts'

/** A schedule of snapshots: one that can be read, and comes due at all. RKE2 starts with any, and says nothing. */
export const scheduleFault = (written: string): ValueFault | null =>
  cronFault(written) ??
  (cronInterval(written) === null
    ? {
        message: 'no day of any year fits it, so that no snapshot would ever be taken',
        remedy: 'Name a day that its months have: "0 3 1 * *" is the first of every month.',
      }
    : null)
