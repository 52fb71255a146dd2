import type { ErrorCode } from './errorCatalogue.ts'
import { clusterFileFindings } from './findings/clusterFile.ts'
import { databaseFindings } from './findings/databases.ts'
import { discoveryFindings } from './findings/discovery.ts'
import type { FindingEntry } from './findings/entry.ts'
import { driftFindings } from './findings/drift.ts'
import { keyFileFindings } from './findings/keyFiles.ts'
import { machineFindings } from './findings/machines.ts'
import { migrationFindings } from './findings/migrations.ts'
import { nodeOperationFindings } from './findings/nodeOperations.ts'
import { recordFindings } from './findings/record.ts'
import { uninstallFindings } from './findings/uninstall.ts'

/** What is found whatever the distribution. */
const commonFindings = {
  ...clusterFileFindings,
  ...keyFileFindings,
  ...recordFindings,
  ...nodeOperationFindings,
  ...driftFindings,
  ...uninstallFindings,
  ...discoveryFindings,
  ...databaseFindings,
  ...migrationFindings,
  ...machineFindings,
}
type CommonFindings = typeof commonFindings

/**
 * Every name that is ever printed behind a finding is declared once, unless it is an error code: what all have in common
 * above, a distribution's own in its folder, which adds them to this interface and brings the entries along with its
 * format. A name that nobody has declared does not compile.
 */
export interface DeclaredFindings extends CommonFindings {}

export type FindingKey = keyof DeclaredFindings
type KeyOfKind<Kind> = {
  [Key in FindingKey]: DeclaredFindings[Key] extends { readonly kind: Kind } ? Key : never
}[FindingKey]

/** What a finding may be called. One that tells what an error would have said is called by the error's code. */
export type FindingName = FindingKey | ErrorCode

/** Findings that stand in the way of a plan until they are accepted by their name. */
export type AcceptableWarning = KeyOfKind<'acceptable'>

/**
 * The entries of a process: docs/errors.md and `slipway explain` tell from them, and what can be accepted follows from
 * them.
 */
export interface FindingCatalogue {
  /** In their order: the common ones first. */
  readonly entries: ReadonlyMap<string, FindingEntry>
  /** Names of those that can be accepted, in the same order. */
  readonly acceptable: readonly string[]
}

/** @param own entries of the distributions that the process knows. */
export function createFindingCatalogue(own: readonly Readonly<Record<string, FindingEntry>>[]): FindingCatalogue {
  const entries = new Map([commonFindings, ...own].flatMap(some => Object.entries<FindingEntry>(some)))
  return { entries, acceptable: [...entries].flatMap(([name, { kind }]) => (kind === 'acceptable' ? [name] : [])) }
}

/**
 * For the doors: what was stored by an earlier version, or comes from a newer server, may have names that this version
 * does not know. It is shown as it is, so anything of the form of a name passes.
 */
export const readsAsFindingName = (name: string): name is FindingName => /^[a-z][a-z0-9-]*$/.test(name)
