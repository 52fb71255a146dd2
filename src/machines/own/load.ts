import { readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'
import type { Provider } from '../contract.ts'
import { definitionShape } from './definition.ts'
import { ownProvider } from './provider.ts'

/** Providers of the user's own: folders with a `provider.yaml`, on the machine that runs Slipway. */
export interface OwnProviders {
  readonly providers: readonly Provider[]
  /** Why some of them are none, each with its file. */
  readonly faults: readonly string[]
}

/**
 * @param places folders that hold such folders, as a PATH has them; empty: there are none.
 * @param taken names that others have already.
 */
export function loadOwnProviders(places: string, taken: readonly string[]): OwnProviders {
  const providers: Provider[] = []
  const faults: string[] = []
  for (const place of places.split(':').filter(one => one !== ''))
    for (const folder of foldersIn(resolve(place), faults)) {
      const file = join(folder, 'provider.yaml')
      if (!statSync(file, { throwIfNoEntry: false })?.isFile()) continue
      try {
        const definition = definitionShape.parse(parse(readFileSync(file, 'utf8')))
        const name = definition.name ?? basename(folder)
        if ([...taken, ...providers.map(one => one.name)].includes(name))
          throw new Error(`there is another provider ${name}`)
        providers.push(ownProvider(name, definition, folder))
      } catch (error) {
        faults.push(`${file}: ${faultText(error)}`)
      }
    }
  return { providers, faults }
}

function foldersIn(place: string, faults: string[]): readonly string[] {
  try {
    const found = readdirSync(place, { withFileTypes: true })
    return found.flatMap(one => (one.isDirectory() ? [join(place, one.name)] : [])).toSorted()
  } catch (error) {
    faults.push(`${place}: ${faultText(error)}`)
    return []
  }
}

const faultText = (error: unknown): string =>
  error instanceof z.ZodError
    ? error.issues.map(({ path, message }) => `${path.join('.') || 'it'}: ${message}`).join('; ')
    : error instanceof Error
      ? error.message
      : String(error)
