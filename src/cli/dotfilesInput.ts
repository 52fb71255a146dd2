import { access, constants, open, realpath, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { SlipwayError } from '../domain/errors.ts'
import { dotfilesPath } from '../machines/dotfiles.ts'

/** Names of what installs dotfiles, in the order in which they are looked for. */
const installers = ['install.sh', 'install', 'bootstrap.sh', 'bootstrap', 'setup.sh', 'setup']

/**
 * Whether a folder of dotfiles may be handed to a playbook, which runs what lies in it.
 * @throws SlipwayError `usage` that says what is wrong with the path, the folder, or its install script.
 */
export async function checkDotfiles(path: string): Promise<void> {
  const fault = dotfilesPath.safeParse(path).error?.issues[0]?.message
  if (fault !== undefined) throw refused(path, fault, 'Name the folder by a plain absolute path: /home/me/dotfiles.')
  const folder = await stat(path).catch(() => null)
  if (folder === null) throw refused(path, 'it is not there', 'Name a folder that is there.')
  if (!folder.isDirectory()) throw refused(path, 'it is no folder', 'Name the folder that the install script lies in.')
  if (folder.mode & 0o002) throw refused(path, 'everybody may put files into it', `Type: chmod o-w ${path}`)
  const script = await installerIn(path)
  const [inside, real] = await Promise.all([realpath(path), realpath(script)])
  const file = await stat(script)
  if (!real.startsWith(`${inside}/`))
    throw refused(script, 'it leads out of its folder', 'Put the script itself there.')
  if (!file.isFile()) throw refused(script, 'it is no regular file', 'Put a script there, or remove it.')
  if (file.mode & 0o002) throw refused(script, 'everybody may write to it', `Type: chmod o-w ${script}`)
  if (!(await isRunnable(script)))
    throw refused(
      script,
      'it is neither executable nor a shell script',
      `Type: chmod +x ${script}, or begin it with #!/bin/sh`,
    )
}

async function installerIn(folder: string): Promise<string> {
  for (const name of installers) {
    const script = join(folder, name)
    if (await stat(script).catch(() => null)) return script
  }
  throw refused(folder, 'there is no install script in it', `Put one there: ${installers.join(', ')}.`)
}

async function isRunnable(script: string): Promise<boolean> {
  const file = await open(script).catch((cause: unknown) => {
    throw refused(script, 'it cannot be read', 'Fix its permissions.', cause)
  })
  try {
    const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(256), position: 0 })
    const head = buffer.toString('latin1', 0, bytesRead)
    if (bytesRead === 0) return false
    if (/^#!\s*\S*\b(?:sh|bash|dash|zsh|ksh|env (?:sh|bash|zsh))\b/.test(head)) return true
  } finally {
    await file.close()
  }
  return access(script, constants.X_OK).then(
    () => true,
    () => false,
  )
}

const refused = (path: string, why: string, remedy: string, cause?: unknown): SlipwayError =>
  new SlipwayError('usage', `dotfiles ${path}: ${why}`, { remedy, ...(cause !== undefined && { cause }) })
