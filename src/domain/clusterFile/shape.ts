import { z } from 'zod'
import { clusterFileOf } from '../cluster.ts'
import type { ClusterFormat } from './format.ts'
import type { Path } from './plainTree.ts'

type Schema = z.core.JSONSchema.JSONSchema

/** What may stand where in a cluster file of one distribution. */
export interface FileShape {
  readonly format: ClusterFormat
  /** Those of all distributions: the one that stands in the file may be none of them. */
  readonly names: readonly string[]
  readonly file: ReturnType<typeof fileOf>
  /** What the schema says about a place; null where any value may stand or the path leads nowhere. */
  schemaAt(path: Path): Schema | null
  /** The keys a map at this place may have, in the order of the schema. */
  knownKeys(path: Path): string[]
}

export function shapeOf(format: ClusterFormat, names: readonly string[]): FileShape {
  const file = fileOf(format)
  let schema: Schema | undefined
  const schemaAt = (path: Path): Schema | null => {
    schema ??= jsonSchemaOf(file)
    let here: Schema | null = schema
    for (const step of path) here = here && below(here, step)
    return here
  }
  return {
    format,
    names,
    file,
    schemaAt,
    knownKeys(path) {
      const found = schemaAt(path)
      return Object.keys((found && withInside(found).properties) ?? {})
    },
  }
}

const fileOf = ({ spec }: ClusterFormat) => clusterFileOf(spec)

/** The JSON Schema (draft 2020-12) of a cluster file of any of these formats: what editors complete from. */
export function clusterFileSchema(formats: readonly ClusterFormat[]): Schema {
  const [first, ...others] = formats.map(({ spec }) => spec)
  if (!first) throw new TypeError('no distribution is known')
  return jsonSchemaOf(
    clusterFileOf(others.length === 0 ? first : z.discriminatedUnion('distribution', [first, ...others])),
  )
}

const jsonSchemaOf = (file: z.ZodType): Schema => z.toJSONSchema(file, { io: 'input', unrepresentable: 'any' })

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
