import type { ErrorCode, Finding } from './errors.ts'

/** A file that etcd's state can be restored from. */
export interface Snapshot {
  readonly name: string
  /** Bytes. */
  readonly size: number
  /** When it was taken, ISO 8601, by the server's own clock. */
  readonly taken: string
  /** s between then and the look, by the same clock. */
  readonly age_s: number
}

export const folderStates = ['present', 'missing', 'unreadable'] as const
export type FolderState = (typeof folderStates)[number]

/** What a server has in its snapshot folder. */
export interface SnapshotFolder {
  readonly folder_state: FolderState
  readonly newest: Snapshot | null
  readonly count: number
}

/** What was seen of the snapshots on one server. */
export interface ServerSnapshots {
  readonly hostname: string
  readonly folder: string
  /** Null when it was not seen: `error` says why. */
  readonly folder_state: FolderState | null
  readonly newest: Snapshot | null
  readonly count: number
  readonly error: { readonly code: ErrorCode; readonly message: string; readonly remedy: string } | null
}

/** The newest snapshot of a cluster, and where it lies. */
export interface NewestSnapshot extends Snapshot {
  readonly hostname: string
  readonly folder: string
}

export interface SnapshotReport {
  /** Whether the cluster file switches scheduled snapshots off, on every server that was asked. */
  readonly off: boolean
  readonly newest: NewestSnapshot | null
  /** Those that were asked: installed servers. Empty when there is none. */
  readonly servers: readonly ServerSnapshots[]
  readonly warnings: readonly Finding[]
}
