import { setTimeout as delay } from 'node:timers/promises'
import type { LabApi } from './api.ts'
import type { LabObject } from './objects.ts'

/** The objects at a path as they were told last. */
export interface Informer {
  all(): readonly LabObject[]
  /** Settled when all that there were have been told, or when it has ended. */
  readonly listed: Promise<void>
  /** Settled when it has ended. */
  readonly ended: Promise<void>
}

/** ms until an API that does not answer is asked again. */
const pause = 250

/** Keeps the objects of a path, and tells of each that comes, changes or goes, until the signal. */
export function keepInformed(
  api: LabApi,
  path: string,
  signal: AbortSignal,
  changed: (object: LabObject) => void,
): Informer {
  const known = new Map<string, LabObject>()
  const listed = Promise.withResolvers<void>()
  const replace = (items: readonly LabObject[]) => {
    const gone = new Map(known)
    for (const item of items) {
      gone.delete(item.metadata.uid)
      const former = known.get(item.metadata.uid)
      known.set(item.metadata.uid, item)
      if (former?.metadata.resourceVersion !== item.metadata.resourceVersion) changed(item)
    }
    for (const [uid, object] of gone) {
      known.delete(uid)
      changed(object)
    }
  }
  const run = async () => {
    let version: string | null = null
    while (!signal.aborted) {
      try {
        if (version === null) {
          const { items, ...list } = await api.list(path)
          version = list.version
          replace(items)
          listed.resolve()
        }
        for await (const { type, object } of api.watch(path, version, signal)) {
          version = object.metadata.resourceVersion
          if (type === 'BOOKMARK') continue
          if (type === 'DELETED') known.delete(object.metadata.uid)
          else known.set(object.metadata.uid, object)
          changed(object)
        }
      } catch {
        // An API server that is away, or has forgotten that version: the objects are listed anew.
        version = null
        await delay(pause, undefined, { signal }).catch(() => undefined)
      }
    }
  }
  return { all: () => [...known.values()], listed: listed.promise, ended: run().finally(listed.resolve) }
}
