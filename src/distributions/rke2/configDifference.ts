import { type PresentFiles, sameFile } from './presentFiles.ts'
import type { FileHashes } from './wantedFiles.ts'

/** How the files on a host differ from those that are wanted; secrets are in no name of a key. */
export interface ConfigDifference {
  /** Keys of config.yaml, by what is with them; null where its keys cannot be told. */
  readonly keys: Readonly<Record<'changed' | 'added' | 'missing', readonly string[]>> | null
  /** Other files, by name. */
  readonly files: readonly string[]
}

/** Of several forms that are right the one that is nearest counts. Pure. */
export function configDifference(wanted: readonly FileHashes[], present: PresentFiles): ConfigDifference | null {
  const [nearest] = wanted.map(each => differenceFrom(each, present)).toSorted((one, other) => size(one) - size(other))
  return nearest ?? null
}

function differenceFrom(
  wanted: FileHashes,
  { config, parts, registries, environment }: PresentFiles,
): ConfigDifference {
  const files = [
    ...(sameFile(wanted.registries, registries) ? [] : ['registries.yaml']),
    ...(sameFile(wanted.environment, environment) ? [] : ['the environment of the service']),
  ]
  if (config === wanted.config) return { keys: { changed: [], added: [], missing: [] }, files }
  if (parts === null) return { keys: null, files }
  const here = Object.keys(parts)
  const there = Object.keys(wanted.parts)
  return {
    keys: {
      changed: there.filter(key => parts[key] !== undefined && parts[key] !== wanted.parts[key]),
      added: here.filter(key => wanted.parts[key] === undefined),
      missing: there.filter(key => parts[key] === undefined),
    },
    files,
  }
}

const size = ({ keys, files }: ConfigDifference): number =>
  (keys ? keys.changed.length + keys.added.length + keys.missing.length : 1000) + files.length

const longest = 6

/** Empty where no key tells it. `node-label is another one; debug is not wanted; tls-san is missing`. */
export function tellDifference({ keys, files }: ConfigDifference): string {
  const say = (names: readonly string[], one: string, several: string): string[] => {
    if (names.length === 0) return []
    const shown = names.slice(0, longest).join(', ')
    const more = names.length - longest
    return [`${shown}${more > 0 ? ` and ${more} more` : ''} ${names.length === 1 ? one : several}`]
  }
  const told = [
    ...say(keys?.changed ?? [], 'is another one', 'are other ones'),
    ...say(keys?.added ?? [], 'is not wanted', 'are not wanted'),
    ...say(keys?.missing ?? [], 'is missing', 'are missing'),
    ...say(files, 'is another one', 'are other ones'),
  ]
  return told.join('; ')
}

/** The stage of labels sets these on the Node: RKE2 reads them when it joins, and no service needs them at once. */
const throughApi = new Set(['node-label', 'node-label+', 'node-taint', 'node-taint+'])

/** Whether the service has to read anew what would be written. */
export const needsRestart = ({ keys, files }: ConfigDifference): boolean =>
  files.length > 0 || keys === null || keysOf(keys).length === 0 || !keysOf(keys).every(key => throughApi.has(key))

const keysOf = (keys: NonNullable<ConfigDifference['keys']>): string[] => Object.values(keys).flat()
