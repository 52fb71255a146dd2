import { Worker } from 'node:worker_threads'
import type { Connector, Session, SessionResult } from './driver.ts'
import type { PgliteError, PgliteReply, PgliteRequest } from './pgliteMessages.ts'

/** No statement of ours takes a fraction of it: a database that is silent for so long never answers again, ms. */
const answerLimit = 120_000
/** A transaction may wait for nothing but the database; who holds the only connection idle for longer loses it. */
const idleLimit = 5_000

interface Waiting {
  readonly resolve: (result: SessionResult) => void
  readonly reject: (error: Error) => void
}

const thread = new URL(import.meta.url.endsWith('.ts') ? './pgliteThread.ts' : './pgliteThread.js', import.meta.url)

/**
 * Opens (and creates) the embedded database in `folder`. The caller holds the folder's lock. `onDeath` is called when
 * the database has died: unlike a server's connection, it does not come back in this process.
 */
export async function connectPglite(
  folder: string,
  onNotification: (payload: string) => void,
  onDeath: (error: Error) => void,
): Promise<Connector> {
  const worker = new Worker(thread, { workerData: folder, name: 'pglite' })
  const waiting = new Map<number, Waiting>()
  let ended: Error | null = null
  let closing = false
  const opened = Promise.withResolvers<void>()
  const end = (why: string): void => {
    if (ended) return
    const error = connectionError(`the embedded database has ${closing ? 'been closed' : 'died'}: ${why}`)
    ended = error
    opened.reject(error)
    for (const { reject } of waiting.values()) reject(error)
    waiting.clear()
    if (!closing) onDeath(error)
    void worker.terminate()
  }
  worker.on('error', error => end(String(error)))
  worker.on('exit', () => end('its thread has ended'))
  worker.on('message', (message: PgliteReply) => {
    if (message.type === 'notification') onNotification(message.payload)
    else if (message.type === 'ready') opened.resolve()
    else if (message.type === 'broken') end(message.error.message)
    else {
      const asked = waiting.get(message.id)
      waiting.delete(message.id)
      if (message.type === 'error') asked?.reject(databaseError(message.error))
      else asked?.resolve({ rows: message.rows, affected: message.affected })
    }
  })
  await opened.promise

  let lastId = 0
  const ask = (request: (id: number) => PgliteRequest): Promise<SessionResult> => {
    if (ended) return Promise.reject(ended)
    const id = ++lastId
    const { promise, resolve, reject } = Promise.withResolvers<SessionResult>()
    waiting.set(id, { resolve, reject })
    worker.postMessage(request(id), [])
    const timer = setTimeout(() => end(`it has not answered for ${answerLimit / 1000} s`), answerLimit)
    return promise.finally(() => clearTimeout(timer))
  }
  const query = (sql: string, parameters: readonly unknown[]): Promise<SessionResult> =>
    ask(id => ({ id, type: 'query', sql, parameters }))

  let last: Promise<void> = Promise.resolve()
  return {
    async session() {
      const before = last
      const turn = Promise.withResolvers<void>()
      last = turn.promise
      await before
      return watchedSession(query, turn.resolve)
    },
    async close() {
      await last
      closing = true
      if (!ended) await ask(id => ({ id, type: 'close' }))
      await worker.terminate()
    },
  }
}

/** The only connection, lent. Left idle in the middle of a transaction it is rolled back and lent to the next. */
function watchedSession(query: Session['query'], giveBack: () => void): Session {
  let timer: NodeJS.Timeout | undefined
  let open = false
  let taken = false
  const takeBack = (): void => {
    taken = true
    query('rollback', []).then(giveBack, giveBack)
  }
  return {
    async query(sql, parameters) {
      if (taken)
        throw new Error(`the transaction was idle for ${idleLimit} ms: only database calls may be awaited in it`)
      clearTimeout(timer)
      const result = await query(sql, parameters).finally(() => {
        if (sql === 'begin') open = true
        if (sql === 'commit' || sql === 'rollback') open = false
        if (open) timer = setTimeout(takeBack, idleLimit)
      })
      return result
    },
    release() {
      clearTimeout(timer)
      if (!taken) giveBack()
    },
  }
}

const databaseError = (error: PgliteError): Error => Object.assign(new Error(error.message), error)

const connectionError = (message: string): Error => Object.assign(new Error(message), { code: '08003' })
