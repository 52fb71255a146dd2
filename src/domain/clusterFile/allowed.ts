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

/** Of several forms the one that has an inside is meant: a map that may be left empty, a list that may be one value. */
function withInside(schema: Schema): Schema {
  for (const form of schema.anyOf ?? []) {
    const inner = asSchema(form)
    if (inner && (inner.properties || inner.additionalProperties || inner.items)) return inner
  }
  return schema
}

function below(outer: Schema, step: string | number): Schema | null {
  const schema = withInside(outer)
  if (typeof step === 'number') return asSchema(Array.isArray(schema.items) ? schema.items[step] : schema.items)
  return asSchema(schema.properties?.[step]) ?? asSchema(schema.additionalProperties)
}

const asSchema = (value: Schema | boolean | undefined): Schema | null => (typeof value === 'object' ? value : null)

/** The keys a map at this place may have, in the order of the schema. */
export const knownKeys = (path: Path): string[] => {
  const schema = schemaAt(path)
  return Object.keys((schema && withInside(schema).properties) ?? {})
}
