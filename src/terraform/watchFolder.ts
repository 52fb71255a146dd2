import { watch } from 'node:fs'

export interface FolderWatch {
  /** Looks once more, and waits until that is done. @throws what a look threw first. */
  end(): Promise<void>
}

/** Looks each time something in a folder has changed, one look after the other; after one that threw no more. */
export function watchFolder(folder: string, look: () => Promise<void>): FolderWatch {
  let looking = Promise.resolve()
  let failed: { readonly error: unknown } | null = null
  let wanted = false
  const lookNext = (): void => {
    // One that has not begun yet sees what is there by then.
    if (wanted) return
    wanted = true
    looking = looking
      .then(() => {
        wanted = false
        return failed ? undefined : look()
      })
      .catch((error: unknown) => void (failed ??= { error }))
  }
  const watcher = watch(folder, lookNext)
  return {
    async end() {
      watcher.close()
      wanted = false
      lookNext()
      await looking
      if (failed) throw failed.error
    },
  }
}
