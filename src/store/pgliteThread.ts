import { inspect } from 'node:util'
import { parentPort, workerData } from 'node:worker_threads'
import { PGlite } from '@electric-sql/pglite'
import { channel, type PgliteError, type PgliteReply, type PgliteRequest } from './pgliteMessages.ts'
import { parsers } from './valueParsers.ts'

/** PGlite is synchronous WebAssembly: in a thread of its own it does not hold up the server's event loop. */

const port = parentPort
if (!port) throw new Error('this file runs as a thread')
const reply = (message: PgliteReply): void => port.postMessage(message)

function describe(error: unknown): PgliteError {
  // The file system that WebAssembly sees throws objects of its own, with a name and a number.
  if (!(error instanceof Error)) return { message: inspect(error, { breakLength: Infinity }) }
  const field = (name: string): Record<string, string> => {
    const value: unknown = Reflect.get(error, name)
    return typeof value === 'string' ? { [name]: value } : {}
  }
  return { message: error.message, ...field('code'), ...field('detail'), ...field('constraint') }
}

/** PostgreSQL survives the error of a query; after one of these (RuntimeError is WebAssembly's) there is no PostgreSQL any more. */
const isDeadly = (error: unknown): boolean =>
  error instanceof Error &&
  (error.name === 'RuntimeError' || ('severity' in error && (error.severity === 'PANIC' || error.severity === 'FATAL')))

/**
 * How often the log of writes is worked off while there are any: what a killed process leaves is replayed faster then.
 * It makes nothing safe from a power loss: PGlite never forces anything to the disk.
 */
const checkpointEvery = 60_000
let written = false

async function open(folder: string): Promise<void> {
  const database = await PGlite.create({ dataDir: folder, parsers })
  database.onNotification((_channel, payload) => reply({ type: 'notification', payload }))
  await database.exec(`LISTEN ${channel}`)
  const timer = setInterval(() => {
    if (!written) return
    written = false
    database.exec('CHECKPOINT').catch(() => {
      written = true
    })
  }, checkpointEvery)
  const answer = async (request: PgliteRequest): Promise<void> => {
    try {
      if (request.type === 'close') {
        clearInterval(timer)
        await database.exec('CHECKPOINT')
        await database.close()
        reply({ type: 'result', id: request.id, rows: [] })
        port?.close()
        return
      }
      const result = await database.query(request.sql, [...request.parameters])
      written ||= !/^\s*select\b(?![\s\S]*\()/i.test(request.sql)
      reply({
        type: 'result',
        id: request.id,
        rows: result.rows,
        ...(result.affectedRows !== undefined && { affected: result.affectedRows }),
      })
    } catch (error) {
      reply({ type: isDeadly(error) ? 'broken' : 'error', id: request.id, error: describe(error) })
    }
  }
  port?.on('message', (request: PgliteRequest) => void answer(request))
  reply({ type: 'ready' })
}

open(String(workerData)).catch(error => {
  reply({ type: 'broken', error: describe(error) })
  port.close()
})
