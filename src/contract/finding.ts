import { z } from 'zod'
import type { Finding } from '../domain/errors.ts'
import { readsAsFindingName } from '../domain/findingCatalogue.ts'

/** Something that is missing or doubtful. */
const finding = z.object({
  name: z.string().refine(readsAsFindingName),
  severity: z.enum(['error', 'warning']),
  about: z.string(),
  message: z.string(),
  remedy: z.string(),
  place: z
    .object({ file: z.string(), line: z.int(), column: z.int(), path: z.string() })
    .readonly()
    .optional()
    .describe('Set when the finding points into a file'),
})
export const findingShape = finding.readonly()

/** As it is stored with a plan or an error: those are no longer about a file. */
export const storedFindingShape = finding.omit({ place: true }).readonly()

/** What of a finding is stored. */
export const storedFinding = ({ name, severity, about, message, remedy }: Finding) => ({
  name,
  severity,
  about,
  message,
  remedy,
})
