import { Worker } from 'node:worker_threads'
import type { Connector, Session, SessionResult } from './driver.ts'
import type { PgliteError, PgliteReply, PgliteRequest } from './pgliteMessages.ts'

/** A transaction may wait for nothing but the database; who holds the only connection idle for longer loses it. */
const idleLimit = 5_000

interface Waiting {
  readonly resolve: (result: SessionResult) => void
  readonly reject: (error: Error) => void
}

const thread = new URL(import.meta.url.endsWith('.ts') ? './pgliteThread.ts' : './pgliteThread.js', import.meta.url)

/** Opens (and creates) the embedded database in `folder`. The caller holds the folder's lock. */
export async function connectPglite(folder: string, onNotification: (payload: string) => void): Promise<Connector> {
  const worker = new Worker(thread, { workerData: folder, name: 'pglite' })
  const waiting = new Map<number, Waiting>()
  let ended: Error | null = null
  const opened = Promise.withResolvers<void>()
  const end = (error: Error): void => {
    ended ??= error
    opened.reject(ended)
    for (const { reject } of waiting.values()) reject(ended)
    waiting.clear()
  }
  worker.on('error', end)
  worker.on('exit', () => end(connectionError('the embedded database has been closed')))
  worker.on('message', (message: PgliteReply) => {
    if (message.type === 'notification') onNotification(message.payload)
    else if (message.type === 'ready') opened.resolve()
    else if (message.type === 'broken') end(databaseError(message.error))
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
    return promise
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
      await ask(id => ({ id, type: 'close' }))
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
