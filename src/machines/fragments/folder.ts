import type { Dirent } from 'node:fs'
import { lstat, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { SlipwayError } from '../../domain/errors.ts'
import { files, type ForeignFragment, fragmentFile, isFragment, isOurs, type Rendering } from './render.ts'

/** A folder for inventories, as it is. */
export interface InventoryFolder {
  readonly folder: string
  /** Texts of our fragments by the machine that they are of. */
  readonly fragments: ReadonlyMap<string, string>
  /** Fragments of others, by the names of their files; a blank one says nothing. */
  readonly foreign: readonly ForeignFragment[]
  /** Null: there is none. */
  readonly merged: string | null
  readonly knownHosts: string | null
  /** Paths of files where ours belong and that somebody else has put there. */
  readonly taken: readonly string[]
}

/** What of a folder is otherwise than it would be rendered. */
export interface Difference {
  readonly kind: 'orphaned' | 'missing' | 'outdated' | 'merged' | 'known-hosts'
  /** Below the folder. */
  readonly file: string
  /** Null: it is about all of them. */
  readonly machine: string | null
}

const none = (error: unknown): null => {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
  throw error
}

/** @throws SlipwayError `inventory-refused` where it cannot be read. One that is not there is an empty one. */
export async function readInventoryFolder(folder: string): Promise<InventoryFolder> {
  try {
    const listed = (await readdir(join(folder, files.fragments), { withFileTypes: true }).catch(none)) ?? []
    const named = listed.filter(one => one.name.endsWith('.ini') && !one.name.startsWith('.'))
    const read = await Promise.all(named.map(one => readFragment(folder, one)))
    const [merged, knownHosts] = await Promise.all([
      readOurs(join(folder, files.merged)),
      readOurs(join(folder, files.knownHosts)),
    ])
    return {
      folder,
      fragments: new Map(read.flatMap(one => (one.machine === null ? [] : [[one.machine, one.text] as const]))),
      foreign: read
        .flatMap(({ machine, file, text }) => (machine === null && text.trim() !== '' ? [{ file, text }] : []))
        .toSorted((a, b) => (a.file < b.file ? -1 : 1)),
      merged: merged.text,
      knownHosts: knownHosts.text,
      taken: [
        ...(merged.isOthers ? [join(folder, files.merged)] : []),
        ...(knownHosts.isOthers ? [join(folder, files.knownHosts)] : []),
      ],
    }
  } catch (error) {
    throw unusable(folder, error)
  }
}

export const unusable = (folder: string, cause: unknown): SlipwayError =>
  cause instanceof SlipwayError
    ? cause
    : new SlipwayError('inventory-refused', cause instanceof Error ? cause.message : String(cause), {
        remedy: `Name another folder, or see to ${folder} and its permissions; slipway machine inventory --write writes it anew.`,
        cause,
      })

async function readFragment(folder: string, entry: Dirent) {
  const file = join(files.fragments, entry.name)
  const machine = entry.name.slice(0, -'.ini'.length)
  const bytes = await readFile(join(folder, file))
  const text = bytes.toString()
  if (entry.isFile() && isFragment(text, machine)) return { machine, file, text }
  if (!Buffer.from(text).equals(bytes))
    throw new SlipwayError('inventory-refused', `${join(folder, file)} is not in UTF-8`, {
      remedy: 'Convert it, or move it out of the folder.',
    })
  return { machine: null, file, text }
}

async function readOurs(path: string): Promise<{ readonly text: string | null; readonly isOthers: boolean }> {
  const found = await lstat(path).catch(none)
  if (found === null) return { text: null, isOthers: false }
  const text = found.isFile() ? await readFile(path, 'utf8') : ''
  return { text, isOthers: !found.isFile() || (text.trim() !== '' && !isOurs(text)) }
}

/** What a rendering would change. Pure. */
export function differences(there: InventoryFolder, wanted: Rendering): readonly Difference[] {
  const names = new Set(wanted.fragments.map(({ machine }) => machine))
  return [
    ...[...there.fragments.keys()]
      .filter(machine => !names.has(machine))
      .map(machine => ({ kind: 'orphaned' as const, machine, file: fragmentFile(machine) })),
    ...wanted.fragments.flatMap(({ machine, text }) => {
      const found = there.fragments.get(machine)
      if (found === text) return []
      return [
        {
          kind: found === undefined ? ('missing' as const) : ('outdated' as const),
          machine,
          file: fragmentFile(machine),
        },
      ]
    }),
    ...(there.knownHosts === wanted.knownHosts
      ? []
      : [{ kind: 'known-hosts' as const, machine: null, file: files.knownHosts }]),
    ...(there.merged === wanted.merged ? [] : [{ kind: 'merged' as const, machine: null, file: files.merged }]),
  ]
}

/**
 * Whether these machines can have their fragments there.
 * @throws SlipwayError `inventory-refused` with every file that somebody else has put in their place.
 */
export function refuseTaken({ folder, foreign, taken }: InventoryFolder, machines: readonly string[]): void {
  const wanted = new Set(machines.map(fragmentFile))
  const inTheWay = [...taken, ...foreign.flatMap(({ file }) => (wanted.has(file) ? [join(folder, file)] : []))]
  const [first] = inTheWay
  if (first === undefined) return
  throw new SlipwayError(
    'inventory-refused',
    `Slipway has not written ${inTheWay.join(', ')}, and leaves it as it is`,
    {
      remedy: `Move it away: mv ${first} ${first}.before. What is to stay in the inventory can go on as a fragment of your own: a file inventory.d/NAME.ini whose name no machine has.`,
    },
  )
}
