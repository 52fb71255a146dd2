import { createHash } from 'node:crypto'
import { pipeline, Readable } from 'node:stream'
import { createGzip } from 'node:zlib'
import type pg from 'pg'
import { to as copyTo } from 'pg-copy-streams'
import { z } from 'zod'
import type { PostgresServer } from '../postgres.ts'
import { openCopyConnection } from './connection.ts'
import { endOfRows, formatVersion, type Header } from './format.ts'
import { countLines } from './lines.ts'
import { copied, listTables } from './tables.ts'

/**
 * All of the database as it is at one moment, while others go on writing: compressed, piece by piece as it is read.
 * Who does not read on to the end ends the copy. The stream fails with SlipwayError `database-unavailable`.
 */
export function writeBackup(server: PostgresServer, version: string): Readable {
  const compressed = createGzip()
  // An error of the lines destroys the compressed stream, and so reaches its reader.
  pipeline(Readable.from(lines(server, version)), compressed, () => {})
  return compressed
}

async function* lines(server: PostgresServer, version: string): AsyncGenerator<Buffer> {
  const { client, end } = await openCopyConnection(server)
  try {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY')
    const sums = createHash('sha256')
    const header = line(await readHeader(client, version))
    sums.update(header)
    yield header
    const tables = await listTables(client)
    let all = 0
    for (const table of tables) {
      yield line(table)
      const sum = createHash('sha256')
      let rows = 0
      const copy = client.query(copyTo(`COPY ${copied(client, table)} TO STDOUT`))
      for await (const piece of copy as AsyncIterable<Buffer>) {
        sum.update(piece)
        rows += countLines(piece)
        yield piece
      }
      const sha256 = sum.digest('hex')
      sums.update(sha256)
      all += rows
      yield Buffer.concat([Buffer.from(`${endOfRows}\n`), line({ rows, sha256 })])
    }
    yield line({ tables: tables.length, rows: all, sha256: sums.digest('hex') })
    await client.query('COMMIT')
  } finally {
    end()
  }
}

const line = (content: object): Buffer => Buffer.from(`${JSON.stringify(content)}\n`)

const startShape = z.tuple([
  z.object({
    schema: z.number(),
    installation: z.string(),
    sealing_key: z.string().nullable(),
    taken: z.string(),
  }),
])

async function readHeader(client: pg.ClientBase, version: string): Promise<Header> {
  const { rows } = await client.query(
    `SELECT (SELECT max(number) FROM schema_migrations) AS schema, id AS installation, sealing_key,
      to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS taken FROM installation`,
  )
  const [start] = startShape.parse(rows)
  return { 'slipway-backup': formatVersion, version, ...start }
}
