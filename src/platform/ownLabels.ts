import type { Labels } from '../kubernetes/labels.ts'
import type { PlatformSession } from './platformSession.ts'

/** By this label objects and releases, and by this annotation definitions, are known as made by an installation of Slipway. */
export const ownMark = 'slipway/installation'

/** Labels of what this installation makes. Pure. */
export const ownLabels = ({ installation }: Pick<PlatformSession, 'installation'>): Labels => ({
  [ownMark]: installation,
})

/** Whether an object (its metadata) or a release is of the installation that has these labels. Pure. */
export const isOwn = ({ labels }: { readonly labels?: Labels | undefined }, own: Labels): boolean =>
  Object.entries(own).every(([key, value]) => labels?.[key] === value)
