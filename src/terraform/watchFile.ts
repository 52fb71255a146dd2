import { watch } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename, dirname } from 'node:path'

export interface FileWatch {
  /** Reads it once more, and waits until everything was handed on. @throws what the handler threw first. */
  end(): Promise<void>
}

/** Hands on what is in a file of JSON each time it has changed, whole and one after the other. */
export function watchFile(path: string, changed: (text: string) => Promise<void>): FileWatch {
  let known: string | null = null
  let handing = Promise.resolve()
  let failed: { readonly error: unknown } | null = null
  let wanted = false
  const look = async (): Promise<void> => {
    wanted = false
    const text = await readFile(path, 'utf8').catch(() => null)
    if (text === null || text === known || !isWhole(text) || failed) return
    known = text
    await changed(text)
  }
  const lookNext = (): void => {
    // One that has not begun yet sees what is there by then.
    if (wanted) return
    wanted = true
    handing = handing.then(look).catch((error: unknown) => void (failed ??= { error }))
  }
  const watcher = watch(dirname(path), (_event, name) => {
    if (name === null || name === basename(path)) lookNext()
  })
  return {
    async end() {
      watcher.close()
      wanted = false
      lookNext()
      await handing
      if (failed) throw failed.error
    },
  }
}

/** It is written in place: what is read meanwhile may be cut off. */
function isWhole(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
