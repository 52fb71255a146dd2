import { catalogue, type ErrorCode, exitCodes } from './errorCatalogue.ts'
import type { FindingName } from './findingCatalogue.ts'
import { withKnownNames } from './placeholders.ts'

export { catalogue, type ErrorCode, exitCodes, isErrorCode } from './errorCatalogue.ts'

/** A place in a file that somebody wrote; line and column count from 1. */
export interface FilePlace {
  readonly file: string
  readonly line: number
  readonly column: number
  /** `spec.nodes[2].hostname`; empty for the file as a whole. */
  readonly path: string
}

/** One thing found wrong, with where and what to do. Lists of them are shown all at once. */
export interface Finding {
  /** `slipway explain NAME` tells what it means; where it is acceptable, `--accept NAME` accepts it. */
  readonly name: FindingName
  readonly severity: 'error' | 'warning'
  /** What it is about: `node m1`, `spec.nodes[2].hostname`, `cluster.yaml:14:7`. */
  readonly about: string
  readonly message: string
  readonly remedy: string
  /** Set when the finding points into a file. */
  readonly place?: FilePlace
}

export interface ErrorDetails {
  readonly findings?: readonly Finding[]
  /** Replaces the catalogue's remedy where a better one is known. */
  readonly remedy?: string
  readonly cause?: unknown
  /** Facts for machines: host, stage, hash … never secrets. */
  readonly facts?: Readonly<Record<string, string | number | boolean | null>>
}

/** The one error class: a code of the catalogue, what it was about, what to do, and its cause. */
export class SlipwayError extends Error {
  readonly code: ErrorCode
  readonly remedy: string
  readonly findings: readonly Finding[]
  readonly facts: Readonly<Record<string, string | number | boolean | null>>

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.name = 'SlipwayError'
    this.code = code
    this.remedy = details.remedy ?? withKnownNames(catalogue[code].remedy, details.facts ?? {})
    this.findings = details.findings ?? []
    this.facts = details.facts ?? {}
  }

  get exitCode(): number {
    return exitCodes[catalogue[this.code].exit]
  }

  get status(): number {
    return catalogue[this.code].status
  }
}

/** An error on one line, with its code. */
export const errorLine = (error: Error): string =>
  (error instanceof SlipwayError ? `${error.code}: ${error.message}` : error.message).split('\n', 1)[0] ?? ''

/** Turns anything thrown into a SlipwayError; what is not one becomes `internal` with its cause kept. */
export function toSlipwayError(thrown: unknown): SlipwayError {
  if (thrown instanceof SlipwayError) return thrown
  const message = thrown instanceof Error ? thrown.message : String(thrown)
  return new SlipwayError('internal', message, { cause: thrown })
}
