import { access, constants } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { cacheFolder } from './cacheFolder.ts'

/** Where a program may be. */
export interface ProgramPlaces {
  /** Variable of the environment that names it. */
  readonly variable: string
  /** Where the set-up puts it, below the cache folder: `helm/helm`. */
  readonly built: string
  /** What it may be called on PATH; the first that is there is meant. */
  readonly names: readonly string[]
}

/**
 * Path of a program: the one that the variable names, else the one that the set-up has built, else PATH. Null when there
 * is none; what the variable names is given back without a look at it.
 */
export async function findProgram(
  { variable, built, names }: ProgramPlaces,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<string | null> {
  const named = environment[variable]
  if (named) return named
  const folders = (environment['PATH'] ?? '').split(delimiter).filter(folder => folder !== '')
  const places = [
    join(cacheFolder(environment), built),
    ...names.flatMap(name => folders.map(folder => join(folder, name))),
  ]
  for (const path of places) if (await isProgram(path)) return path
  return null
}

const isProgram = (path: string): Promise<boolean> =>
  access(path, constants.X_OK).then(
    () => true,
    () => false,
  )
