import type { ClusterFile } from '../../domain/cluster.ts'
import type { StageKind, StageRequest } from '../../engine/contract/stage.ts'
import { readAccessMark } from '../../store/accessMark.ts'
import { clusterSecretPurpose } from '../../store/clusters.ts'
import type { Database, DatabaseTransaction } from '../../store/tables.ts'
import { installPipeline } from './install.ts'
import { once } from '../../hosts/once.ts'
import { type OpenSession, openSession, type SessionSurroundings } from './openSession.ts'
import type { ClusterSession } from './session.ts'
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
  /** Whether host keys were learnt that are not stored yet. */
  hasLearnt(): Promise<boolean>
  /** Stores what was learnt or made up while planning, in the transaction that puts the cluster on record. */
  keep(tx: DatabaseTransaction): Promise<void>
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
    hasLearnt: () => source.hasLearnt(),
    keep: tx => source.keep(tx),
    close: () => session.close(),
  }
}

export interface StoredSessions {
  /** Stages of stored clusters, for running and resuming. */
  readonly kinds: readonly StageKind[]
  /** The session of a stored cluster as it is when this one is first used. */
  session(cluster: string): ClusterSession
  close(): Promise<void>
}

interface Opened {
  readonly mark: string
  readonly session: OpenSession
  /** Its predecessor: a stage that is under way may still use it. */
  readonly before: OpenSession | null
}

/**
 * Every stage asks for its session when it is bound for a run, and on first use it gets the one that is open, unless
 * the cluster has changed since that was opened: by this server or by another one on the same database.
 */
export function storedSessions(options: Rke2Options): StoredSessions {
  const { database, around, readFiles, learn } = options
  const open = new Map<string, Opened>()
  const current = async (cluster: string): Promise<OpenSession> => {
    const mark = await readAccessMark(database, cluster)
    const known = open.get(cluster)
    if (known?.mark === mark) return known.session
    const source = storedSource(database, around.sealer, cluster, readFiles)
    const session = openSession(cluster, source, around, learn)
    open.set(cluster, { mark, session, before: known?.session ?? null })
    await known?.before?.close()
    return session
  }
  const session = (cluster: string): ClusterSession => {
    const used = once(() => current(cluster))
    return {
      installation: around.installation,
      hashKey: around.sealer.hashKey(cluster),
      sealKubeconfig: clear => around.sealer.seal(clusterSecretPurpose(cluster, 'kubeconfig'), clear),
      hosts: async () => (await used()).hosts(),
      nodes: async () => (await used()).nodes(),
      bootstrap: async () => (await used()).bootstrap(),
      secrets: async () => (await used()).secrets(),
      kubeconfig: async () => (await used()).kubeconfig(),
      play: async (play, context) => (await used()).play(play, context),
    }
  }
  return {
    kinds: rke2Stages(session),
    session,
    async close() {
      const all = [...open.values()].flatMap(({ session: newest, before }) => [newest, before])
      open.clear()
      await Promise.all(all.map(one => one?.close()))
    },
  }
}
