import { z } from 'zod'
import { SlipwayError } from '../../domain/errors.ts'

/**
 * A backup is one gzip stream of lines: a header; for each table its head, its rows as COPY writes them (one a line,
 * with line ends and backslashes escaped), a line `\.` and a foot with their number and sum; and a line that ends it
 * all. Plain text, so that every version of PostgreSQL reads it, and people with `zcat` too.
 */
export const formatVersion = 1

const digest = z.string().regex(/^[0-9a-f]{64}$/)
const count = z.number().int().nonnegative()

export const headerShape = z.object({
  'slipway-backup': z.number().int().positive(),
  /** Of the Slipway that wrote it. */
  version: z.string().max(100),
  /** Number of the last migration. */
  schema: z.number().int().positive(),
  /** Id of the installation, and of the key that its secrets are sealed with. */
  installation: z.string().max(100),
  sealing_key: z.string().max(100).nullable(),
  /** ISO 8601: the moment whose state is in it, by the database's clock. */
  taken: z.string().max(100),
})
export type Header = z.infer<typeof headerShape>

export const tableShape = z.object({ table: z.string().max(100), columns: z.array(z.string().max(100)).min(1) })
export type Table = z.infer<typeof tableShape>

/** `sha256`: over the bytes of all rows. */
export const tableEndShape = z.object({ rows: count, sha256: digest })

/** `sha256`: over the header's line and the sums of all tables, in their order. */
export const endShape = z.object({ tables: count, rows: count, sha256: digest })

/** Stands behind the last row; a row that begins with a backslash has two. */
export const endOfRows = '\\.'

export const backupUnusable = (why: string, cause?: unknown): SlipwayError =>
  new SlipwayError('backup-unusable', why, { cause })
