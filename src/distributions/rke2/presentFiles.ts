import type { HostFacts } from './host/facts.ts'
import type { FileHashes } from './wantedFiles.ts'

/** The files RKE2 reads on this host, as they are. */
export interface PresentFiles {
  readonly config: string
  /** Of each of its keys; null where they cannot be told. */
  readonly parts: Readonly<Record<string, string>> | null
  /** Whom the configuration tells it to join. */
  readonly server: string | null
  readonly registries: PresentFile | null
  readonly environment: PresentFile | null
}
export type PresentFile = Pick<HostFacts['config'][number], 'hmac' | 'marked'>

/** Whether writing the wanted files would change nothing. */
export const sameFiles = (wanted: FileHashes, present: PresentFiles): boolean =>
  wanted.config === present.config &&
  sameFile(wanted.registries, present.registries) &&
  sameFile(wanted.environment, present.environment)

/** One that is not ours stays where none is wanted. */
export const sameFile = (wanted: string | null, file: PresentFile | null): boolean =>
  wanted === null ? !file?.marked : file?.hmac === wanted
