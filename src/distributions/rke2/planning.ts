import type { ClusterFile } from '../../domain/cluster.ts'
import type { StageKind, StageRequest } from '../../engine/stage.ts'
import type { Database } from '../../store/tables.ts'
import { installPipeline } from './install.ts'
import { type OpenSession, openSession, type SessionSurroundings } from './openSession.ts'
import { draftSource, type Files, storedSource } from './sources.ts'
import { rke2Stages } from './stages/index.ts'

export interface Rke2Options {
  readonly database: Database
  readonly around: SessionSurroundings
  /** Contents of the files that a stored cluster names. */
  readFiles(desired: ClusterFile): Promise<Files>
  /** Told every secret that a session opens, so that no log shows it. */
  learn(secret: string): void
}

export interface OpenPlan {
  readonly requests: readonly StageRequest[]
  readonly kinds: readonly StageKind[]
  /** Stores what was learnt or made up while planning, once the cluster is on record. */
  keep(): Promise<void>
  close(): Promise<void>
}

/** Stages over what a file describes; nothing is stored before `keep`. */
export function openPlan(
  options: Rke2Options,
  desired: ClusterFile,
  files: Files,
  accepted: readonly string[],
): OpenPlan {
  const source = draftSource(options.database, options.around.sealer, desired, files, accepted)
  const { name } = desired.metadata
  const session = openSession(name, source, options.around, options.learn)
  return {
    requests: installPipeline({ name, spec: desired.spec, accepted }),
    kinds: rke2Stages(() => session),
    keep: () => source.keep(),
    close: () => session.close(),
  }
}

export interface StoredSessions {
  /** Stages of stored clusters, for running and resuming. */
  readonly kinds: readonly StageKind[]
  /** The session of a stored cluster; opened on first use. */
  session(cluster: string): OpenSession
  /** What was opened for a cluster is stale: its desired state or its keys have changed. */
  forget(cluster: string): Promise<void>
  close(): Promise<void>
}

export function storedSessions(options: Rke2Options): StoredSessions {
  const open = new Map<string, OpenSession>()
  const session = (cluster: string): OpenSession => {
    const known = open.get(cluster)
    if (known) return known
    const source = storedSource(options.database, options.around.sealer, cluster, options.readFiles)
    const opened = openSession(cluster, source, options.around, options.learn)
    open.set(cluster, opened)
    return opened
  }
  const forget = async (cluster: string): Promise<void> => {
    const known = open.get(cluster)
    open.delete(cluster)
    await known?.close()
  }
  return {
    kinds: rke2Stages(session),
    session,
    forget,
    async close() {
      await Promise.all([...open.keys()].map(forget))
    },
  }
}
