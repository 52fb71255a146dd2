import { resolve } from 'node:path'
import { z } from 'zod'
import type { Json } from '../../contract/json.ts'
import { filePath } from '../../domain/names.ts'
import type { CommonSpec, Provider } from '../contract.ts'
import { moduleVariables } from '../moduleVariables.ts'
import { secretFileKind } from '../secretFile.ts'
import type { OwnDefinition, OwnSetting } from './definition.ts'

const settingsShape = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]).optional())

/** @param folder absolute path of the folder that its definition lies in. */
export function ownProvider(name: string, definition: OwnDefinition, folder: string): Provider {
  const { settings, environment, takes, title, unnoticed } = definition
  const named = Object.entries(settings)
  const files = new Set(named.flatMap(([key, { type }]) => (type === 'file' ? [key] : [])))
  const given = (of: unknown) =>
    Object.entries(settingsShape.parse(of)).flatMap(([key, value]) => (value === undefined ? [] : [{ key, value }]))
  return {
    name,
    title,
    settings: z.strictObject(Object.fromEntries(named.map(([key, one]) => [key, schemaOf(one)]))),
    takes: takenOf(takes),
    unnoticed,
    module: resolve(folder, definition.module),
    files: of =>
      given(of).flatMap(({ key, value }) =>
        files.has(key) ? [{ file: String(value), path: `${name}.${key}`, kind: secretFileKind }] : [],
      ),
    variables(machine, file) {
      const own = given(machine.settings).map(({ key, value }): [string, Json] => [
        key,
        files.has(key) ? file(String(value)).trim() : value,
      ])
      return { ...moduleVariables(machine), ...Object.fromEntries(own) }
    },
    environment: () =>
      Object.fromEntries(
        environment.flatMap(key => {
          const value = process.env[key]
          return value === undefined ? [] : [[key, value]]
        }),
      ),
  }
}

const takenOf = (takes: OwnDefinition['takes']): Provider['takes'] => {
  const taken: Partial<Record<keyof CommonSpec, 'required' | 'optional'>> = {}
  for (const key of ['memory', 'cpus', 'disk', 'image'] as const) if (takes[key] !== undefined) taken[key] = takes[key]
  return taken
}

function schemaOf(setting: OwnSetting): z.ZodType {
  const { description = '' } = setting
  const schema = bare(setting)
  const settled = 'default' in setting && setting.default !== undefined ? schema.default(setting.default) : null
  return (settled ?? (setting.required ? schema : schema.optional())).describe(description)
}

/** What is typed on a command line is text. */
function bare(setting: OwnSetting): z.ZodType {
  switch (setting.type) {
    case 'file':
      return filePath
    case 'text':
      return setting.pattern === undefined
        ? z.string().max(4096)
        : z
            .string()
            .max(4096)
            .regex(new RegExp(`^(?:${setting.pattern})$`), `not of the form ${setting.pattern}`)
    case 'boolean':
      return z.union([z.boolean(), z.enum(['true', 'false']).transform(text => text === 'true')])
    case 'integer': {
      const { minimum = Number.MIN_SAFE_INTEGER, maximum = Number.MAX_SAFE_INTEGER } = setting
      return z
        .union([
          z.number(),
          z
            .string()
            .regex(/^-?\d{1,15}$/, 'not a whole number')
            .transform(Number),
        ])
        .pipe(z.int().min(minimum).max(maximum))
    }
  }
}
