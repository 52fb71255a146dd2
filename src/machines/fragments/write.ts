import { randomUUID } from 'node:crypto'
import { mkdir, open, readdir, realpath, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { SlipwayError } from '../../domain/errors.ts'
import { atMost } from '../../engine/plan/atMost.ts'
import { withFileLock } from '../../processes/fileLock.ts'
import { type Difference, differences, readInventoryFolder, refuseTaken, unusable } from './folder.ts'
import { type InventoryReader, judge } from './judge.ts'
import { files, folderFault, fragmentFile, type ListedMachine, renderInventories, type Rendering } from './render.ts'

export interface WriteOptions {
  /** All machines there are. Asked once the lock is held: who writes last knows what all before have made. */
  machines(): Promise<readonly ListedMachine[]>
  readonly read: InventoryReader
  readonly signal?: AbortSignal
}

export interface Written {
  readonly folder: string
  readonly rendering: Rendering
  /** What was otherwise before. */
  readonly changed: readonly Difference[]
}

/** ms; the one before asks Ansible as well. */
const patience = 300_000

/** The folder by its real path, made where it is not there. @throws SlipwayError `inventory-refused`. */
export async function openInventoryFolder(path: string): Promise<string> {
  try {
    await mkdir(join(path, files.fragments), { recursive: true })
    const folder = await realpath(path)
    const fault = folderFault(folder)
    if (fault === null) return folder
    throw new SlipwayError('inventory-refused', `${folder}: ${fault}`, {
      remedy: 'Name another folder: ssh and Ansible would take this one for something else.',
    })
  } catch (error) {
    throw unusable(path, error)
  }
}

/**
 * Writes the fragments of all machines, and the inventory that they make together. Each file is there as a whole or as it was
 * before, whenever it is read and whoever is killed; nothing is replaced before Ansible has read what is to be.
 * @throws SlipwayError `inventory-refused`, with everything in the folder as it was.
 */
export async function writeInventories(path: string, options: WriteOptions): Promise<Written> {
  const folder = await openInventoryFolder(path)
  const { signal } = options
  const lock = join(folder, files.lock)
  const locked = await withFileLock(lock, { patience, signal }, () => writeLocked(folder, options)).catch(
    (error: unknown) => {
      if (signal?.aborted) throw error
      throw unusable(folder, error)
    },
  )
  if (locked) return locked.result
  throw new SlipwayError('inventory-refused', `others have been writing ${folder} for ${patience / 1000} s`, {
    remedy: `See who has ${lock} open (fuser ${lock}), end that one if it hangs, and try again.`,
  })
}

async function writeLocked(folder: string, { machines, read, signal }: WriteOptions): Promise<Written> {
  const [listed, there] = await Promise.all([machines(), readInventoryFolder(folder), removeTemporary(folder)])
  refuseTaken(
    there,
    listed.map(({ name }) => name),
  )
  const rendering = renderInventories(folder, listed, there.foreign)
  const changed = differences(there, rendering)
  // What is there as it is to be was judged by whoever has written it.
  if (changed.some(({ kind }) => kind === 'merged')) await judge(rendering, read, signal)
  signal?.throwIfAborted()
  const texts = new Map([
    ...rendering.fragments.map(({ machine, text }) => [fragmentFile(machine), text] as const),
    [files.knownHosts, rendering.knownHosts],
  ])
  const slot = atMost(16)
  await Promise.all(
    changed.map(({ kind, file }) =>
      slot(async () => {
        if (kind === 'orphaned') await rm(join(folder, file), { force: true })
        else if (kind !== 'merged') await replace(join(folder, file), texts.get(file) ?? '')
      }),
    ),
  )
  if (changed.some(({ machine }) => machine !== null)) await sync(join(folder, files.fragments))
  if (changed.some(({ kind }) => kind === 'merged')) await replace(join(folder, files.merged), rendering.merged)
  if (changed.length > 0) await sync(folder)
  return { folder, rendering, changed }
}

const temporary = /^\.slipway-[0-9a-f-]+\.tmp$/

/** What a writer has left that was killed: only who holds the lock has any. */
async function removeTemporary(folder: string): Promise<void> {
  for (const place of [folder, join(folder, files.fragments)])
    for (const name of await readdir(place)) if (temporary.test(name)) await rm(join(place, name), { force: true })
}

async function replace(path: string, text: string): Promise<void> {
  const draft = join(dirname(path), `.slipway-${randomUUID()}.tmp`)
  const file = await open(draft, 'wx', 0o644)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(draft, path)
}

async function sync(folder: string): Promise<void> {
  const handle = await open(folder)
  await handle.sync().finally(() => handle.close())
}
