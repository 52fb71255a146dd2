import type { ErrorCode } from './errorCatalogue.ts'
import { clusterFindings } from './findings/cluster.ts'
import { clusterFileFindings } from './findings/clusterFile.ts'
import { effectiveServiceFindings } from './findings/effectiveService.ts'
import { keyFileFindings } from './findings/keyFiles.ts'
import { machineFindings } from './findings/machines.ts'
import { networkFindings } from './findings/network.ts'
import { snapshotFindings } from './findings/snapshots.ts'

/**
 * The catalogue of findings: every name that is ever printed behind a finding has one entry, unless it is an error code.
 * A name that is in neither does not compile. docs/errors.md and `slipway explain` tell from it, and what can be
 * accepted follows from it.
 */
export const findingCatalogue = {
  ...clusterFileFindings,
  ...networkFindings,
  ...keyFileFindings,
  ...machineFindings,
  ...effectiveServiceFindings,
  ...clusterFindings,
  ...snapshotFindings,
}

type Catalogue = typeof findingCatalogue
export type FindingKey = keyof Catalogue
type KeyOfKind<Kind> = { [Key in FindingKey]: Catalogue[Key]['kind'] extends Kind ? Key : never }[FindingKey]

/** What a finding may be called. One that tells what an error would have said is called by the error's code. */
export type FindingName = FindingKey | ErrorCode

/** Findings that stand in the way of a plan until they are accepted by their name. */
export type AcceptableWarning = KeyOfKind<'acceptable'>

/** Own entries only: `toString` is in every object, and no finding. */
export const isFindingKey = (name: string): name is FindingKey => Object.hasOwn(findingCatalogue, name)

export const findingKeys: readonly FindingKey[] = Object.keys(findingCatalogue).filter(isFindingKey)

export const isAcceptable = (name: string): name is AcceptableWarning =>
  isFindingKey(name) && findingCatalogue[name].kind === 'acceptable'

/** In the order of the catalogue. */
export const acceptableWarnings: readonly AcceptableWarning[] = findingKeys.filter(isAcceptable)

/**
 * For the doors: what was stored by an earlier version, or comes from a newer server, may have names that this version
 * does not know. It is shown as it is, so anything of the form of a name passes.
 */
export const readsAsFindingName = (name: string): name is FindingName => /^[a-z][a-z0-9-]*$/.test(name)
