import { catalogue, type ErrorCode, type Finding, type SlipwayError, toSlipwayError } from '../domain/errors.ts'
import { paint, printable, say } from './terminal.ts'
import { shareFindings } from './view/sharedFindings.ts'

/** Shows an error on stderr (its code, cause, findings, remedy) and returns the exit code. */
export function reportFailure(thrown: unknown, json: boolean): number {
  const error = toSlipwayError(thrown)
  if (json) say(JSON.stringify({ error: failureJson(error) }))
  else showFailure(error)
  return error.exitCode
}

function showFailure(error: SlipwayError): void {
  say(`${paint('red', `error[${error.code}]`)} ${paint('bold', catalogue[error.code].title)}`)
  if (error.findings.length === 0) say(`  ${printable(error.message)}`)
  for (const line of findingLines(error.findings)) say(line)
  say(`  ${paint('cyan', '→')} ${printable(error.remedy)}`)
  if (error.code === 'internal' && process.env['SLIPWAY_DEBUG']) say(String(error.cause ?? error.stack))
  else say(paint('dim', `  slipway explain ${error.code}`))
}

/** Two lines a finding: where and what, then what to do. What is the same on several nodes is told once. */
export const findingLines = (findings: readonly Finding[]): string[] =>
  shareFindings(findings).flatMap(finding => [
    `  ${paint(finding.severity === 'error' ? 'red' : 'yellow', finding.severity)} ${paint('bold', printable(finding.about))}: ${printable(finding.message)}`,
    `    ${paint('cyan', '→')} ${printable(finding.remedy)} ${paint('dim', `(${printable(finding.name)})`)}`,
  ])

const failureJson = (error: SlipwayError) => ({
  code: error.code satisfies ErrorCode,
  title: catalogue[error.code].title,
  detail: error.message,
  remedy: error.remedy,
  findings: error.findings,
  facts: error.facts,
})
