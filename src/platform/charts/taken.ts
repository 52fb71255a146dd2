import { isTransient } from '../../clusters/transient.ts'
import { SlipwayError } from '../../domain/errors.ts'
import type { RetryPolicy } from '../../engine/contract/stage.ts'

/** What two installations that install the same at the same moment see of each other. */

const taken = 'taken'

/** The error of an installation that somebody else was faster with. */
export const takenError = (about: string, cause: unknown): SlipwayError =>
  new SlipwayError('chart-refused', `${about}: somebody else installs it at this moment`, {
    cause,
    facts: { [taken]: true },
  })

/** What such a moment leaves until the other one has done. */
const passing: ReadonlySet<string> = new Set(['component-unhealthy', 'release-of-another'])

const isPassing = (error: Error): boolean =>
  error instanceof SlipwayError &&
  (error.facts[taken] === true ||
    (error.code === 'preflight-failed' &&
      error.findings.length > 0 &&
      error.findings.every(({ name }) => passing.has(name))))

/**
 * Of what there is once on a cluster, whoever installs it: within a minute that of the other one is there, and used. A plan
 * refuses what stands in the way for longer.
 */
export const overOthers: RetryPolicy = {
  attempts: 5,
  backoff: 3000,
  when: error => isTransient(error) || isPassing(error),
}
