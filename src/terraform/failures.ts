import { SlipwayError } from '../domain/errors.ts'
import { hidden, type StateBackend } from './backend/stateBackend.ts'
import type { Diagnostic } from './shapes.ts'

/** Characters of what is said that are shown. */
const most = 2000

/**
 * What a call has failed of, in its own words.
 * @param root `of`: what it was about, `machine w1`.
 */
export function terraformFailed(
  { of, backend }: { readonly of: string; readonly backend: StateBackend | null },
  call: string,
  stderr: string,
  errors: readonly Diagnostic[],
): SlipwayError {
  const words = errors.length > 0 ? errors.map(diagnosticText).join('; ') : plain(stderr)
  const said = backend ? hidden(backend, words) : words
  const text = said === '' ? `${call} says nothing` : said
  return new SlipwayError('terraform-failed', `${of}: ${text.length > most ? `${text.slice(0, most)}…` : text}`, {
    facts: { call },
  })
}

export const terraformKilled = (of: string): SlipwayError =>
  new SlipwayError('terraform-failed', `${of}: the command was killed in the middle of its work`)

export function diagnosticText({ summary, detail, address, range }: Diagnostic): string {
  const where = address ?? (range ? `${range.filename}:${range.start.line}` : null)
  const what = detail.trim() === '' || detail.trim() === summary ? summary : `${summary}: ${oneLine(detail)}`
  return where === null ? what : `${where}: ${what}`
}

const oneLine = (text: string): string => text.trim().replace(/\s*\n\s*/g, ' ')

/** Without the frames that are drawn around errors on a terminal. */
export const plain = (stderr: string): string =>
  stderr
    .split('\n')
    .map(line => line.replace(/^[│╷╵]\s?/, '').trimEnd())
    .filter(line => line.trim() !== '')
    .join(' ')
    .replace(/^Error: /, '')
    .trim()
