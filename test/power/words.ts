import { createHash } from 'node:crypto'
import { z } from 'zod'

/** What the machine says on its line to the outside: a JSON object a line, written after the fact that it tells. */

/** An event or a chunk of log: its number in its run, and what it says, in short. */
const row = z.tuple([z.int(), z.string()])

/** A run as the database has it after a boot, beside what its stages have left on the disk. */
const found = z.object({
  kind: z.literal('found'),
  run: z.string(),
  status: z.string(),
  events: z.array(row),
  log: z.array(row),
  /** Types of events that may be there once only: `run-completed`, `stage-completed first`. */
  completions: z.array(z.string()),
  /** Stage, number, status. */
  attempts: z.array(z.tuple([z.string(), z.int(), z.string()])),
  /** Executions that have begun, in their order: stage, attempt. */
  begun: z.array(z.tuple([z.string(), z.int()])),
})
export type FoundRun = z.infer<typeof found>

const word = z.discriminatedUnion('kind', [
  /** How the database tells what takes longer. */
  z.object({ kind: z.literal('note'), text: z.string() }),
  found,
  /** All runs were told; the worker has been started. */
  z.object({ kind: z.literal('working') }),
  /** Acknowledged by the database: a run was made, a row written. */
  z.object({ kind: z.literal('made'), run: z.string() }),
  z.object({ kind: z.literal('written'), what: z.enum(['event', 'log']), run: z.string(), row }),
  z.object({ kind: z.literal('finished') }),
  z.object({ kind: z.literal('failed'), message: z.string() }),
])
export type Word = z.infer<typeof word>

/** @throws ZodError, SyntaxError */
export const readWord = (line: string): Word => word.parse(JSON.parse(line))

/** Enough to see that a row is another one. */
export const digest = (content: unknown): string =>
  createHash('sha256').update(JSON.stringify(content)).digest('base64url').slice(0, 8)
