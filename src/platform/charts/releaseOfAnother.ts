import type { Unmet } from '../../engine/contract/stage.ts'
import type { Release } from '../../helm/release.ts'

/** A release of somebody else has the name of one of ours. Pure. */
export const releaseOfAnother = ({ namespace, name, chart }: Release, about: string): Unmet => ({
  name: 'release-of-another',
  severity: 'error',
  about,
  message: `${namespace} has a release ${name} of ${chart.name} ${chart.version}, which Slipway has not made`,
  remedy: 'Give it another name or namespace in the cluster file; the other release is left as it is.',
})
