import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { SlipwayError } from '../domain/errors.ts'
import { runProcess } from '../processes/run.ts'

/**
 * The public half of a private key, as a line of authorized_keys without a comment.
 * @param directory private folder in memory.
 * @throws SlipwayError `file-unreadable`.
 */
export async function publicKeyOf(
  privateKey: string,
  { directory, environment }: { readonly directory: string; readonly environment: Readonly<Record<string, string>> },
): Promise<string> {
  const folder = await mkdtemp(join(directory, 'key-'))
  try {
    const path = join(folder, 'key')
    await writeFile(path, privateKey.endsWith('\n') ? privateKey : `${privateKey}\n`, { mode: 0o600 })
    const { exitCode, stdout } = await runProcess('ssh-keygen', ['-y', '-f', path], {
      environment,
      stdin: '',
      timeout: 10_000,
    })
    const [, line] = /^(\S+ [A-Za-z0-9+/=]+)/.exec(stdout) ?? []
    if (exitCode === 0 && line !== undefined) return line
    throw new SlipwayError('file-unreadable', 'the private key of the login cannot be read: ssh-keygen refuses it')
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
