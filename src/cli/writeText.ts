import { stat, writeFile } from 'node:fs/promises'
import { SlipwayError } from '../domain/errors.ts'

/**
 * Writes a text to a file that is not there yet; `-` is standard output. One that is there is replaced only where that
 * was asked for (`--force`); what is no file (`/dev/stdout`, a pipe) has nothing to lose.
 * @param option the one that names the file, for the remedy.
 * @throws SlipwayError `usage` when there is such a file, or none can be written.
 */
export async function writeText(
  file: string,
  text: string,
  { option, force }: { readonly option: string; readonly force: boolean },
): Promise<void> {
  if (file === '-') {
    process.stdout.write(text)
    return
  }
  try {
    await writeFile(file, text, { flag: force || (await isPassage(file)) ? 'w' : 'wx' })
  } catch (cause) {
    const exists = cause instanceof Error && 'code' in cause && cause.code === 'EEXIST'
    throw new SlipwayError('usage', exists ? `${file} exists already` : `${file} cannot be written`, {
      remedy: exists
        ? `Choose another file with ${option}, or replace it with --force.`
        : 'Check folder and permissions.',
      cause,
    })
  }
}

/** Whether what is written there goes on to somebody else. */
async function isPassage(file: string): Promise<boolean> {
  const found = await stat(file).catch(() => null)
  return found !== null && !found.isFile() && !found.isDirectory()
}
