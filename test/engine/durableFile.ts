import { open } from 'node:fs/promises'

/** Appends a line and waits until the disk has it. */
export async function appendDurably(file: string, line: string): Promise<void> {
  const handle = await open(file, 'a')
  try {
    await handle.appendFile(`${line}\n`)
    await handle.sync()
  } finally {
    await handle.close()
  }
}
