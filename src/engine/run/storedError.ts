import { storedFinding } from '../../contract/finding.ts'
import { type SlipwayError, toSlipwayError } from '../../domain/errors.ts'
import type { StoredError } from '../contract/records.ts'
import type { EventData } from '../../contract/eventData.ts'

/** Text as every database takes it: no NUL, no half surrogates. */
export const storable = (text: string): string => text.toWellFormed().replaceAll('\0', '\uFFFD')

/** Strings of a value that is JSON, changed; its shape and keys stay. */
export const mapStrings = <Value>(value: Value, change: (text: string) => string): Value =>
  JSON.parse(JSON.stringify(value), (_key, part: unknown) => (typeof part === 'string' ? change(part) : part))

/** An error as it is kept and shown, with the messages of its causes. */
export function storedError(thrown: unknown): StoredError {
  const error = toSlipwayError(thrown)
  return {
    code: error.code,
    message: error.message,
    remedy: error.remedy,
    causes: causesOf(error),
    findings: error.findings.map(storedFinding),
    facts: error.facts,
  }
}

function causesOf(error: SlipwayError): string[] {
  const causes: string[] = []
  for (let cause = error.cause; cause !== undefined && cause !== null && causes.length < 10; ) {
    const message = cause instanceof Error ? cause.message : String(cause)
    if (message !== error.message) causes.push(message)
    cause = cause instanceof Error ? cause.cause : undefined
  }
  return causes
}

/** The same as an event's data. */
export const errorData = (error: StoredError): EventData<'stage-failed'> => ({
  ...error,
  findings: error.findings.map(storedFinding),
})
