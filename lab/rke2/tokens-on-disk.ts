import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Paths } from './paths.ts'
import type { Passwords } from './supervisor.ts'
import { formatToken, parseToken } from './token.ts'

export const newPassword = () => randomBytes(16).toString('hex')

/** The password of the token that this server was started with before, or undefined. */
export async function passwordOnDisk(file: string): Promise<string | undefined> {
  return existsSync(file) ? parseToken((await readFile(file, 'utf8')).trim()).password : undefined
}

/** Writes the tokens in their secure form: `token`, its link `node-token`, and `agent-token`, a link as well where none is set. */
export async function writeTokens(paths: Paths, passwords: Passwords): Promise<void> {
  const ca = await readFile(join(paths.tls, 'server-ca.crt'), 'utf8')
  await writeFile(paths.token, `${formatToken(ca, 'server', passwords.server)}\n`, { mode: 0o600 })
  await rm(paths.agentToken, { force: true })
  if (passwords.node === passwords.server) await symlink('token', paths.agentToken)
  else await writeFile(paths.agentToken, `${formatToken(ca, 'node', passwords.node)}\n`, { mode: 0o600 })
  await rm(paths.nodeToken, { force: true })
  await symlink('token', paths.nodeToken)
}
