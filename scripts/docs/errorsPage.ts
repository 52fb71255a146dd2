import { findings as catalogue } from '../../src/distributions/index.ts'
import { type Explanation, explanationsOf } from '../../src/domain/explanations.ts'

export function errorsPage(): string {
  const explanations = explanationsOf(catalogue)
  const errors = explanations.filter(entry => entry.kind === 'error')
  const findings = explanations.filter(entry => entry.kind === 'finding')
  return `# Errors

*Generated from \`src/domain/errorCatalogue.ts\` and the catalogues of findings (\`findings/\`) by \`make docs\`.*

Every error has a code, one line of cause, and one line that says what to do. \`slipway explain NAME\` shows the same.
The HTTP API answers with \`application/problem+json\`, which carries the code, the remedy and all findings.

A **finding** is one thing found wrong with a file, a machine or a cluster, with a name in brackets: all of them are
shown at once. Their names are [below](#findings); a finding can also be called by the code of an error.

${errors.map(section).join('\n')}
# Findings

An error stands in the way until it is gone. A warning that can be accepted stands in the way until it is gone or
accepted by its name: \`slipway apply -f FILE --accept NAME\`. A note is only told.

${findings.map(section).join('\n')}`
}

const section = (entry: Explanation): string =>
  `### ${entry.name}\n\n${entry.title}.\n\n- What to do: ${entry.remedy}\n- ${lastLine(entry)}\n`

function lastLine(entry: Explanation): string {
  if (entry.kind === 'error') return `Exit code ${entry.exit_code} (${entry.exit}), HTTP status ${entry.status}`
  if (entry.accept !== null) return `Can be accepted: \`--accept ${entry.accept}\``
  return entry.blocks ? 'Error' : 'Note'
}
