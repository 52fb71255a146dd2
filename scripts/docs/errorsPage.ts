import { catalogue, type ErrorEntry, exitCodes } from '../../src/domain/errors.ts'

export function errorsPage(): string {
  const rows = Object.entries(catalogue)
    .map(([code, { title, remedy, exit, status }]: [string, ErrorEntry]) => {
      return `### ${code}\n\n${title}.\n\n- What to do: ${remedy}\n- Exit code ${exitCodes[exit]} (${exit}), HTTP status ${status}\n`
    })
    .join('\n')
  return `# Errors

*Generated from \`src/domain/errorCatalogue.ts\` by \`make docs\`.*

Every error has a code, one line of cause, and one line that says what to do. \`slipway explain CODE\` shows the same.
The HTTP API answers with \`application/problem+json\`, which carries the code, the remedy and all findings.

A **finding** is one thing found wrong with a file or a machine, with a name in brackets: all of them are shown at once.
Findings that are warnings can be accepted by that name: \`slipway apply -f FILE --accept NAME\`.

${rows}`
}
