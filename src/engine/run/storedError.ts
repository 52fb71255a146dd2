import { storedFinding } from '../../contract/finding.ts'
import { type SlipwayError, toSlipwayError } from '../../domain/errors.ts'
import type { StoredError } from '../contract/records.ts'
import type { Json } from '../../contract/json.ts'

/** Text as every database takes it: no NUL, no half surrogates. */
export const storable = (text: string): string => text.toWellFormed().replaceAll('\0', '\uFFFD')

/** Strings of a JSON value, changed; its shape and keys stay. */
export function mapStrings(value: Json, change: (text: string) => string): Json {
  if (typeof value === 'string') return change(value)
  if (value === null || typeof value !== 'object') return value
  if (isList(value)) return value.map(entry => mapStrings(entry, change))
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, mapStrings(entry, change)]))
}

const isList = (value: Json): value is readonly Json[] => Array.isArray(value)

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
export const errorData = (error: StoredError): Json => ({
  code: error.code,
  message: error.message,
  remedy: error.remedy,
  causes: error.causes,
  findings: error.findings.map(storedFinding),
  facts: error.facts,
})
