/** The one notification channel; payloads are notices. */
export const channel = 'slipway'

/** `work`: a run waits for a worker, or its worker is asked for something. */
export type NoticeKind = 'event' | 'log' | 'work'

/** Wakes who waits in this process for something that any process wrote. A notice says only: look again. */
export interface Notices {
  receive(payload: string): void
  /** Notices may have been missed: everybody looks again. */
  wakeAll(): void
  /** Resolves when this very payload is received. */
  once(payload: string): Promise<void>
  /** `run` null: for every run. */
  on(kind: NoticeKind, run: string | null, listener: (run: string | null) => void): () => void
}

export function createNotices(): Notices {
  const listeners = new Map<string, Set<(run: string | null) => void>>()
  const call = (key: string, run: string | null): void => {
    for (const listener of listeners.get(key) ?? []) listener(run)
  }
  const awaited = new Map<string, () => void>()
  return {
    once: payload => new Promise(resolve => awaited.set(payload, resolve)),
    receive(payload) {
      awaited.get(payload)?.()
      awaited.delete(payload)
      const [kind, run] = payload.split(' ', 2)
      if (kind === undefined || run === undefined) return
      call(`${kind} ${run}`, run)
      call(`${kind} *`, run)
    },
    wakeAll() {
      for (const key of listeners.keys()) call(key, null)
    },
    on(kind, run, listener) {
      const key = `${kind} ${run ?? '*'}`
      const known = listeners.get(key) ?? new Set()
      listeners.set(key, known.add(listener))
      return () => {
        known.delete(listener)
        if (known.size === 0 && listeners.get(key) === known) listeners.delete(key)
      }
    },
  }
}
