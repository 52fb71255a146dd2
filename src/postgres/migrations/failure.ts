import { SlipwayError } from '../../domain/errors.ts'
import { createRedactor, mask } from '../../secrets/redact.ts'
import { told } from '../errors.ts'
import type { StatementFailed } from '../session.ts'
import type { Migration } from './files.ts'
import { placeIn, type Statement } from './statements.ts'

/** Signs of a statement that are shown. */
const shownLength = 120
const literals = /'(?:[^']|'')*'|(\$\w*\$)[\s\S]*?\1/g
const aboutSecrets = /passw|secret|token|credential|api_?key|private/i

/**
 * What a server says of a migration: the file, the place in it, how its statement begins, and the server's words.
 * @param sent the part of the file that was sent, by where it begins. @param ending what that means for the database
 * @returns `migration-failed`; facts `file`, `line`, `column`, `state` (the SQLSTATE).
 */
export function migrationFailure(
  { name, sql, statements }: Migration,
  sent: { readonly start: number; readonly text: string },
  { answer, completed }: StatementFailed,
  ending: string,
): SlipwayError {
  const at = answer.position === undefined ? null : sent.start + unitsOf(sent.text, Number(answer.position) - 1)
  const own = statements.filter(({ start }) => start >= sent.start)
  const statement = at === null ? own[completed] : statements.findLast(({ start }) => start <= at)
  const { line, column } = placeIn(sql, at ?? statement?.start ?? sent.start)
  const words = statement && aboutSecrets.test(statement.text) ? withoutTexts(statement)(told(answer)) : told(answer)
  const shown = statement ? `: ${shownStatement(statement)}` : ''
  return new SlipwayError('migration-failed', `${name}:${line}:${column}: ${words}${shown}; ${ending}`, {
    cause: answer,
    facts: { file: name, line, column, state: answer.code ?? null },
  })
}

/** The server counts signs of Unicode. */
const unitsOf = (text: string, signs: number): number => [...text].slice(0, signs).join('').length

/** How it begins, on one line, without the texts in it: they may be what nobody is to read. */
export function shownStatement({ text }: Pick<Statement, 'text'>): string {
  const line = text.replaceAll(literals, `'${mask}'`).replaceAll(/\s+/g, ' ')
  return line.length > shownLength ? `${line.slice(0, shownLength)}…` : line
}

/** The server quotes what it could not use. */
function withoutTexts({ text }: Statement): (words: string) => string {
  const texts = Array.from(text.matchAll(literals), ([literal]) => literal.replace(/^'|'$|^\$\w*\$|\$\w*\$$/g, ''))
  return createRedactor(texts.filter(each => each !== '')).redact
}
