import { readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parse } from 'yaml'
import { z } from 'zod'
import { looseResource, partOf } from '../../kubernetes/looseObject.ts'
import { ofOne, ofPods, ofSecret } from '../conditions.ts'
import { layers } from '../../contract/platform.ts'
import type { Component } from '../contract.ts'
import { definitionShape } from './definition.ts'
import { plainComponent } from './plainComponent.ts'

/** Components of the user's own: folders with a `component.yaml`, or with code, on the machine that runs Slipway. */

export interface OwnComponents {
  readonly components: readonly Component[]
  /** Why some of them are none, each with its file. */
  readonly faults: readonly string[]
}

/** What code of a component is given: it imports nothing. */
const tools = { z, looseResource, partOf, ofOne, ofPods, ofSecret }

const codeFiles = ['component.ts', 'component.mjs', 'component.js']

/**
 * Reads them from the folders of these folders; what is wrong with one is told, and is in no other's way.
 * @param places folders, as a PATH has them; empty: there are none. @param taken names that others have already.
 */
export async function loadOwnComponents(places: string, taken: ReadonlySet<string>): Promise<OwnComponents> {
  const components: Component[] = []
  const faults: string[] = []
  const names = new Set(taken)
  for (const place of places.split(':').filter(one => one !== ''))
    for (const folder of foldersIn(resolve(place), faults)) {
      const file = fileIn(folder)
      if (file === null) continue
      try {
        const component = file.endsWith('.yaml') ? fromYaml(file, folder) : await fromCode(file)
        if (names.has(component.name)) throw new Error(`there is another component ${component.name}`)
        names.add(component.name)
        components.push(component)
      } catch (error) {
        faults.push(
          `${file}: ${error instanceof z.ZodError ? told(error) : error instanceof Error ? error.message : ''}`,
        )
      }
    }
  for (const { name, needs } of components)
    for (const need of needs)
      if (!names.has(need)) faults.push(`component ${name} needs ${need}, and there is no such component`)
  return { components: components.filter(({ needs }) => needs.every(need => names.has(need))), faults }
}

function foldersIn(place: string, faults: string[]): string[] {
  try {
    const found = readdirSync(place, { withFileTypes: true })
    return found.flatMap(one => (one.isDirectory() ? [join(place, one.name)] : [])).toSorted()
  } catch (error) {
    faults.push(`${place}: ${error instanceof Error ? error.message : ''}`)
    return []
  }
}

const fileIn = (folder: string): string | null =>
  ['component.yaml', ...codeFiles]
    .map(name => join(folder, name))
    .find(file => statSync(file, { throwIfNoEntry: false })?.isFile()) ?? null

function fromYaml(file: string, folder: string): Component {
  const definition = definitionShape.parse(parse(readFileSync(file, 'utf8')))
  return plainComponent(definition.name ?? basename(folder), definition, folder)
}

const isFunction = z.custom<(...all: never[]) => unknown>(value => typeof value === 'function', 'a function is needed')
const codeShape = z.looseObject({
  kind: z.enum(['chart', 'objects']),
  name: z.string().regex(/^[a-z0-9]([a-z0-9-]{0,51}[a-z0-9])?$/),
  title: z.string().min(1),
  layer: z.enum(layers),
  needs: z.array(z.string()),
  defaults: z.looseObject({ namespace: z.string(), timeout_s: z.int().min(10), required: z.boolean() }),
  settings: z.record(
    z.string(),
    z.custom<z.ZodType>(value => value instanceof z.ZodType, 'a zod schema is needed'),
  ),
})
const ofKind = {
  chart: z.looseObject({ chart: z.looseObject({ chart: z.string() }), values: isFunction }),
  objects: z.looseObject({ objects: isFunction, ready: isFunction }),
}

/** Its default export is the component, or makes it of the tools. */
async function fromCode(file: string): Promise<Component> {
  const loaded: { default?: unknown } = await import(pathToFileURL(file).href)
  const made: unknown = typeof loaded.default === 'function' ? loaded.default(tools) : loaded.default
  ofKind[codeShape.parse(made).kind].parse(made)
  return made as Component
}

const told = ({ issues: [issue] }: z.ZodError): string => `${issue?.path.join('.') || 'it'}: ${issue?.message}`
