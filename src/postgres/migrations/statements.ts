/** A statement of a file of SQL. */
export interface Statement {
  /** Where it begins in the file, in UTF-16 units: its first sign that is no blank and no comment. */
  readonly start: number
  /** Up to its semicolon, without it. */
  readonly text: string
  /** Its words that are not quoted, in capitals. */
  readonly words: readonly string[]
}

/** What can't be split: a quote, a comment or a parenthesis that is not closed, or a command of psql. */
export interface Unreadable {
  readonly kind: 'unclosed' | 'psql'
  /** Where it begins in the file. */
  readonly start: number
}

export type Split =
  | { readonly ok: true; readonly statements: readonly Statement[] }
  | ({ readonly ok: false } & Unreadable)

/**
 * The lexical rules of PostgreSQL (its manual, 4.1), with psql's way to tell where a function in SQL ends (BEGIN ATOMIC …
 * END). The server reads each file as a whole: what is told apart here is what must not stand in it.
 */
const tokens =
  /(?<blank>\s+|--[^\n]*)|(?<open>\/\*)|(?<escaped>[eE]'[^'\\]*(?:(?:\\[\s\S]|'')[^'\\]*)*(?<end1>')?)|(?<quoted>(?:[uU]&|[bBxXnN])?'[^']*(?:''[^']*)*(?<end2>')?)|(?<named>(?:[uU]&)?"[^"]*(?:""[^"]*)*(?<end3>")?)|(?<dollar>\$(?:[\p{L}_][\p{L}\p{N}_]*)?\$)|(?<word>[\p{L}_][\p{L}\p{N}_$]*)|(?<number>[\p{N}.][\p{L}\p{N}_.$]*|\$\p{N}+)|(?<sign>[\s\S])/uy

/** Pure. */
export function splitStatements(sql: string): Split {
  const statements: Statement[] = []
  let begin: number | null = null
  let words: string[] = []
  const parentheses: number[] = []
  let atomic = 0
  const unclosed = (start: number): Split => ({ ok: false, kind: 'unclosed', start })
  const finish = (end: number) => {
    if (begin !== null) statements.push({ start: begin, text: sql.slice(begin, end).trimEnd(), words })
    begin = null
    words = []
    atomic = 0
  }
  for (let at = 0; at < sql.length; ) {
    tokens.lastIndex = at
    const { groups = {}, 0: token = '' } = tokens.exec(sql) ?? {}
    let end = at + token.length
    if (groups['blank'] !== undefined) {
      at = end
      continue
    }
    if (groups['open'] !== undefined) {
      const close = endOfComment(sql, end)
      if (close === null) return unclosed(at)
      at = close
      continue
    }
    if (groups['sign'] === ';' && parentheses.length === 0 && atomic === 0) {
      finish(at)
      at = end
      continue
    }
    begin ??= at
    if (groups['dollar'] !== undefined) {
      const close = sql.indexOf(token, end)
      if (close < 0) return unclosed(at)
      end = close + token.length
    } else if (isOpenQuote(groups)) return unclosed(at)
    else if (groups['word'] !== undefined) {
      const word = token.toUpperCase()
      words.push(word)
      if (parentheses.length === 0 && definesRoutine(words)) atomic = Math.max(0, atomic + depthOf(word, atomic))
    } else if (token === '(') parentheses.push(at)
    else if (token === ')') parentheses.pop()
    else if (token === '\\') return { ok: false, kind: 'psql', start: at }
    at = end
  }
  const [open] = parentheses
  if (open !== undefined) return unclosed(open)
  if (atomic > 0) return unclosed(begin ?? 0)
  finish(sql.length)
  return { ok: true, statements }
}

/** They nest. */
function endOfComment(sql: string, from: number): number | null {
  const marks = /\/\*|\*\//g
  marks.lastIndex = from
  for (let depth = 1; ; ) {
    const mark = marks.exec(sql)
    if (!mark) return null
    depth += mark[0] === '/*' ? 1 : -1
    if (depth === 0) return marks.lastIndex
  }
}

function isOpenQuote(groups: Readonly<Record<string, string | undefined>>): boolean {
  const { escaped, quoted, named, end1, end2, end3 } = groups
  return (escaped ?? quoted ?? named) !== undefined && (end1 ?? end2 ?? end3) === undefined
}

const definesRoutine = (words: readonly string[]): boolean =>
  /^CREATE (?:OR REPLACE )?(?:FUNCTION|PROCEDURE) /.test(`${words.slice(0, 4).join(' ')} `)

function depthOf(word: string, depth: number): number {
  if (word === 'BEGIN' || (word === 'CASE' && depth > 0)) return 1
  return word === 'END' && depth > 0 ? -1 : 0
}

/** Whether a transaction begins or ends with it. What goes back to a savepoint stays in its own. */
export function controlsTransaction({ words }: Statement): boolean {
  const [first = '', ...rest] = words
  if (first === 'ROLLBACK') return !rest.includes('TO')
  if (first === 'START' || first === 'PREPARE') return rest[0] === 'TRANSACTION'
  return ['BEGIN', 'COMMIT', 'END', 'ABORT'].includes(first)
}

/** Whether PostgreSQL refuses it in a transaction, as far as that is certain by its words. */
export function needsNoTransaction({ words }: Statement): boolean {
  const [first = '', second = '', ...rest] = words
  if (first === 'VACUUM') return true
  if (first === 'ALTER') return second === 'SYSTEM'
  if (first === 'REINDEX') return words.includes('CONCURRENTLY') || ['DATABASE', 'SYSTEM'].includes(second)
  if (first !== 'CREATE' && first !== 'DROP') return false
  if (['DATABASE', 'TABLESPACE'].includes(second)) return true
  return /^(?:UNIQUE )?INDEX CONCURRENTLY /.test(`${[second, ...rest].slice(0, 3).join(' ')} `)
}

/** Whether it waits for rows that somebody sends behind it. */
export const takesRows = ({ words }: Statement): boolean =>
  words[0] === 'COPY' && words.some((word, at) => word === 'STDIN' && words[at - 1] === 'FROM')

/** Line and column of a place in a text, from 1; columns count signs. */
export function placeIn(text: string, at: number): { readonly line: number; readonly column: number } {
  const before = text.slice(0, at)
  const lastLine = before.slice(before.lastIndexOf('\n') + 1)
  return { line: before.split('\n').length, column: [...lastLine].length + 1 }
}
