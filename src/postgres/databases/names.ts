/** Bytes that PostgreSQL keeps of a name; the others it would leave out without a word. */
const mostBytes = 63

/** What is wrong with the name of a role, a database or an extension; null: nothing. Any other signs are as good as letters. */
export function nameFault(kind: 'role' | 'database' | 'extension', name: string): string | null {
  if (name === '') return 'a name is needed'
  if (name.includes('\0') || !name.isWellFormed()) return 'it holds signs that PostgreSQL keeps in no name'
  if (Buffer.byteLength(name) > mostBytes) return `it has more than ${mostBytes} bytes`
  if (kind !== 'role') return null
  if (name.startsWith('pg_')) return 'names of roles that begin with pg_ are those of PostgreSQL'
  return ['public', 'none', 'current_user', 'session_user', 'current_role'].includes(name)
    ? 'it is a word with a meaning of its own where a role is named'
    : null
}

/** As it is written in SQL. @throws TypeError where `nameFault` would have said why. */
export function quoted(name: string): string {
  if (name === '' || name.includes('\0')) throw new TypeError('this is no name')
  return `"${name.replaceAll('"', '""')}"`
}
