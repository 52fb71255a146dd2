import { z } from 'zod'
import { clusterFile } from '../cluster.ts'
import type { Path } from './plainTree.ts'

type Schema = z.core.JSONSchema.JSONSchema

/** The JSON Schema of a cluster file (draft 2020-12): what editors complete from, and what findings quote. */
export function clusterFileSchema(): Schema {
  return z.toJSONSchema(clusterFile, { io: 'input', unrepresentable: 'any' })
}

let cached: Schema | null = null

/** What the schema says about a place; null where any value may stand or the path leads nowhere. */
export function schemaAt(path: Path): Schema | null {
  cached ??= clusterFileSchema()
  let here: Schema | null = cached
  for (const step of path) here = here && below(here, step)
  return here
}

function below(schema: Schema, step: string | number): Schema | null {
  if (typeof step === 'number') return asSchema(Array.isArray(schema.items) ? schema.items[step] : schema.items)
  return asSchema(schema.properties?.[step]) ?? asSchema(schema.additionalProperties)
}

const asSchema = (value: Schema | boolean | undefined): Schema | null => (typeof value === 'object' ? value : null)

/** The keys a map at this place may have, in the order of the schema. */
export const knownKeys = (path: Path): string[] => Object.keys(schemaAt(path)?.properties ?? {})
