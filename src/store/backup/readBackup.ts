import { createHash } from 'node:crypto'
import { pipeline, Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import type { z } from 'zod'
import { SlipwayError } from '../../domain/errors.ts'
import {
  backupUnusable,
  endOfRows,
  endShape,
  formatVersion,
  type Header,
  headerShape,
  type Table,
  tableEndShape,
  tableShape,
} from './format.ts'
import { countLines, type Lines, readLines } from './lines.ts'

/** A backup, piece by piece. What is cut off or changed ends in an error, at the latest before `end`. */
export type Piece =
  | { readonly kind: 'header'; readonly header: Header }
  | { readonly kind: 'table'; readonly table: Table; readonly rows: AsyncIterable<Buffer> }
  | { readonly kind: 'end'; readonly tables: number; readonly rows: number }

/**
 * Reads and checks it. The rows of a table are to be read before the next piece.
 * @throws SlipwayError `backup-unusable`, `backup-newer`.
 */
export async function* readBackup(compressed: AsyncIterable<Uint8Array>): AsyncGenerator<Piece> {
  const lines = readLines(decompressed(compressed))
  const sums = createHash('sha256')
  const first = await lines.line()
  const header = readHeader(first)
  sums.update(`${first}\n`)
  yield { kind: 'header', header }
  for (let tables = 0, all = 0; ; tables++) {
    const next = parsed(await lines.line())
    const table = tableShape.safeParse(next)
    if (!table.success) {
      const end = matching(endShape, next)
      const right = end.tables === tables && end.rows === all && end.sha256 === sums.digest('hex')
      if (!right || (await lines.line()) !== null) throw changed()
      yield { kind: 'end', tables, rows: all }
      return
    }
    const sum = createHash('sha256')
    let rows = 0
    const counted = (piece: Buffer): void => {
      sum.update(piece)
      rows += countLines(piece)
    }
    yield { kind: 'table', table: table.data, rows: watched(lines, counted) }
    const end = matching(tableEndShape, parsed(await lines.line()))
    const sha256 = sum.digest('hex')
    if (end.rows !== rows || end.sha256 !== sha256) throw changed()
    sums.update(sha256)
    all += rows
  }
}

/** Reads all of it for nothing but its sums. */
export async function checkBackup(compressed: AsyncIterable<Uint8Array>): Promise<{ header: Header; rows: number }> {
  let header: Header | undefined
  for await (const piece of readBackup(compressed)) {
    if (piece.kind === 'header') header = piece.header
    if (piece.kind === 'table') for await (const _ of piece.rows);
    if (piece.kind === 'end' && header) return { header, rows: piece.rows }
  }
  throw changed()
}

async function* watched(lines: Lines, see: (piece: Buffer) => void): AsyncGenerator<Buffer> {
  for await (const piece of lines.until(endOfRows)) {
    see(piece)
    yield piece
  }
}

async function* decompressed(compressed: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  const plain = createGunzip()
  let fault: unknown
  pipeline(Readable.from(compressed), plain, error => {
    fault = error
  })
  try {
    yield* plain as AsyncIterable<Buffer>
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    if (code === 'Z_BUF_ERROR') throw backupUnusable('it is cut off', error)
    if (code.startsWith('Z_')) throw backupUnusable('it is no backup of Slipway, or was changed', error)
    throw fault ?? error
  }
}

function readHeader(line: string | null): Header {
  const header = headerShape.safeParse(line === null ? null : json(line))
  if (!header.success) throw backupUnusable('it is no backup of Slipway')
  const { 'slipway-backup': format, version } = header.data
  if (format > formatVersion)
    throw new SlipwayError(
      'backup-newer',
      `it was written by Slipway ${version}, in a form that this version does not know`,
    )
  return header.data
}

function parsed(line: string | null): unknown {
  if (line === null) throw backupUnusable('it is cut off')
  return json(line)
}

function json(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

function matching<Shape extends z.ZodType>(shape: Shape, value: unknown): z.output<Shape> {
  const result = shape.safeParse(value)
  if (result.success) return result.data
  throw changed()
}

const changed = (): SlipwayError => backupUnusable('it was changed: its sums are not those of its content')
