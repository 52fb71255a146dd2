import type { ClusterFile } from '../domain/cluster.ts'
import { once } from '../hosts/once.ts'
import { readAccessMark } from '../store/accessMark.ts'
import type { Database } from '../store/tables.ts'
import type { Learnt } from './learnt.ts'
import { identityOf, type OpenSession, openSession, type SessionSurroundings } from './openSession.ts'
import type { ClusterSession, SessionOf } from './session.ts'
import { draftSource, type Files, storedSource } from './sources.ts'

export interface DraftSession extends ClusterSession {
  /** What there is to store with the desired state. */
  learnt(): Promise<Learnt>
  close(): Promise<void>
}

/** A session over what a file describes; nothing is stored by it. */
export function draftSession(
  database: Database,
  around: SessionSurroundings,
  { desired, files, accepted }: { desired: ClusterFile; files: Files; accepted: readonly string[] },
): DraftSession {
  const source = draftSource(database, around, desired, files, accepted)
  return { ...openSession(desired.metadata.name, source, around), learnt: () => source.learnt() }
}

/** Sessions of stored clusters, for running and resuming. */
export interface StoredSessions {
  /** The session of a stored cluster as it is when this one is first used. */
  readonly session: SessionOf
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
export function storedSessions(database: Database, around: SessionSurroundings): StoredSessions {
  const open = new Map<string, Opened>()
  const current = async (cluster: string): Promise<OpenSession> => {
    const mark = await readAccessMark(database, cluster)
    const known = open.get(cluster)
    if (known?.mark === mark) return known.session
    const session = openSession(cluster, storedSource(database, around, cluster), around)
    open.set(cluster, { mark, session, before: known?.session ?? null })
    await known?.before?.close()
    return session
  }
  return {
    session(cluster) {
      const used = once(() => current(cluster))
      return {
        ...identityOf(cluster, around),
        desired: async () => (await used()).desired(),
        hosts: async () => (await used()).hosts(),
        bootstrap: async () => (await used()).bootstrap(),
        adopted: async () => (await used()).adopted(),
        etcdMembers: async () => (await used()).etcdMembers(),
        file: async path => (await used()).file(path),
        openFile: async path => (await used()).openFile(path),
        read: async (key, load) => (await used()).read(key, load),
        secret: async name => (await used()).secret(name),
        secretOr: async (name, make) => (await used()).secretOr(name, make),
        freshKubeconfig: async (hostname, signal) => (await used()).freshKubeconfig(hostname, signal),
        startPlay: (playbook, hosts, context) =>
          void used().then(
            session => session.startPlay(playbook, hosts, context),
            () => {},
          ),
        play: async (play, context) => (await used()).play(play, context),
      }
    },
    async close() {
      const all = [...open.values()].flatMap(({ session: newest, before }) => [newest, before])
      open.clear()
      await Promise.all(all.map(one => one?.close()))
    },
  }
}
