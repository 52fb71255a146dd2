import { createHash } from 'node:crypto'
import { lstat, readdir, readFile, readlink } from 'node:fs/promises'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { SlipwayError } from '../../../domain/errors.ts'

/** Kubespray has some 1,200 files of 12 MB together; a home folder that was named by mistake has more. */
const most = { files: 20_000, bytes: 200 * 1024 * 1024 }

/** Neither what Git keeps, nor what Ansible and Python leave behind when they run in it. */
export const isLeftOut = (name: string): boolean => name === '.git' || name === '__pycache__' || name.endsWith('.pyc')

/**
 * SHA-256, hex, of all that is in a folder: names, contents, links, and what may be executed.
 * @throws SlipwayError `playbooks-missing` where there is no such folder or it cannot be read, `playbooks-unusable` where it
 * is too large, or a link leads out of it.
 */
export async function contentOf(folder: string): Promise<string> {
  const hash = createHash('sha256')
  const seen = { files: 0, bytes: 0 }
  try {
    await add('')
  } catch (cause) {
    if (cause instanceof SlipwayError) throw cause
    throw missing(`${folder} cannot be read${cause instanceof Error ? `: ${cause.message}` : ''}`, cause)
  }
  return hash.digest('hex')

  async function add(path: string): Promise<void> {
    const here = join(folder, path)
    const found = await lstat(path === '' ? `${here}/.` : here)
    if (found.isDirectory()) {
      const names = (await readdir(here)).filter(name => !isLeftOut(name))
      for (const name of names.toSorted()) await add(path === '' ? name : `${path}/${name}`)
      return
    }
    seen.files += 1
    seen.bytes += found.size
    if (seen.files > most.files || seen.bytes > most.bytes)
      throw unusable(`${folder} has more than ${most.files} files or ${most.bytes} bytes, far more than Kubespray`)
    if (found.isSymbolicLink()) return addLink(path, await readlink(here))
    if (!found.isFile()) throw unusable(`${here} is no file and no folder`)
    hash.update(`${found.mode & 0o100 ? 'x' : '-'} ${path}\0${found.size}\0`)
    hash.update(await readFile(here))
  }

  function addLink(path: string, target: string): void {
    const leads = relative(resolve(folder), resolve(folder, dirname(path), target))
    if (leads === '..' || leads.startsWith(`..${sep}`) || leads.startsWith(sep))
      throw unusable(`the link ${path} leads out of ${folder}`)
    hash.update(`l ${path}\0${target}\0`)
  }
}

export const missing = (message: string, cause?: unknown): SlipwayError =>
  new SlipwayError('playbooks-missing', message, cause === undefined ? {} : { cause })
export const unusable = (message: string): SlipwayError => new SlipwayError('playbooks-unusable', message)
