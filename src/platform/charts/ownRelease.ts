import type { Release } from '../../helm/release.ts'
import type { PlatformSession } from '../platformSession.ts'

/** Labels of a release that is ours: of this installation. */
export const ownLabels = ({ installation }: Pick<PlatformSession, 'installation'>) => ({
  'slipway/installation': installation,
})

/** Pure. */
export const isOwn = (release: Release, labels: Readonly<Record<string, string>>): boolean =>
  Object.entries(labels).every(([label, value]) => release.labels[label] === value)
