import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { basename } from 'node:path'
import pg from 'pg'
import { z } from 'zod'
import { SlipwayError } from '../../src/domain/errors.ts'
import { openStore } from '../../src/store/openStore.ts'
import { withEarlierKept } from './earlierVersion.ts'

/**
 * A process that opens a data folder, converts its database, and tells what became of it; it may be killed at a call
 * that it makes, or find the disk filled in the middle. Argument: JSON.
 */
const options = z
  .object({
    folder: z.string(),
    /** A part of the call (`rename postgresql.old-17`, `COPY "runs"`), and whether it has been made then. */
    killAt: z.object({ call: z.string(), side: z.enum(['before', 'after']) }).optional(),
    /** A file that takes all room of its disk but 2 MB, made at this report. */
    fill: z.object({ file: z.string(), at: z.string() }).optional(),
  })
  .parse(JSON.parse(process.argv[2] ?? ''))

const strikes = (call: string, side: 'before' | 'after'): void => {
  if (side === options.killAt?.side && call.includes(options.killAt.call)) process.kill(process.pid, 'SIGKILL')
}

/** Makes the function strike before and after its calls; `name` says what they are known as. */
function watched<Parameters extends unknown[], Result>(
  call: (...parameters: Parameters) => Result,
  name: (...parameters: Parameters) => string,
) {
  return function (this: unknown, ...parameters: Parameters): Result {
    strikes(name(...parameters), 'before')
    const result = call.apply(this, parameters)
    const after = (): void => strikes(name(...parameters), 'after')
    if (result instanceof Promise) void result.then(after)
    else after()
    return result
  }
}

const named = (path: unknown): string => basename(String(path))
Object.assign(fs, {
  renameSync: watched(fs.renameSync, (from, to) => `rename ${named(from)} to ${named(to)}`),
  mkdirSync: watched(fs.mkdirSync, path => `mkdir ${named(path)}`),
  writeFileSync: watched(fs.writeFileSync, path => `write ${named(path)}`),
})
Object.assign(fs.promises, { rm: watched(fs.promises.rm, path => `remove ${named(path)}`) })
syncBuiltinESMExports()
const query = pg.Client.prototype.query
const textOf = (statement: unknown): string =>
  typeof statement === 'string' ? statement : z.object({ text: z.string() }).parse(statement).text
Object.assign(pg.Client.prototype, { query: watched(query, (...parameters: unknown[]) => textOf(parameters[0])) })

const told: string[] = []
const report = (message: string): void => {
  told.push(message)
  if (options.fill === undefined || !message.includes(options.fill.at)) return
  const { bavail, bsize } = fs.statfsSync(options.folder)
  fs.writeFileSync(options.fill.file, Buffer.alloc(bavail * bsize - 2 * 1024 * 1024))
}

const outcome = await openStore({ folder: options.folder, versions: withEarlierKept }, report).then(
  async store => {
    const clusters = await store.database.selectFrom('clusters').select('name').orderBy('name').execute()
    await store.close()
    return { clusters: clusters.map(({ name }) => name) }
  },
  (error: unknown) => {
    if (!(error instanceof SlipwayError)) throw error
    return { code: error.code, message: error.message, remedy: error.remedy }
  },
)
process.stdout.write(`${JSON.stringify({ ...outcome, told, uid: process.getuid?.() })}\n`)
