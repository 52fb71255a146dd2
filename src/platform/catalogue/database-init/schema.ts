import { z } from 'zod'
import { filePath } from '../../../domain/names.ts'
import { nameFault } from '../../../postgres/databases/names.ts'
import { connectionShape, databaseName } from '../../databases/connection.ts'

const named = (kind: 'role' | 'database' | 'extension') =>
  databaseName.superRefine((name, context) => {
    const message = nameFault(kind, name)
    if (message !== null) context.addIssue({ code: 'custom', message })
  })

const role = z.strictObject({
  name: named('role')
    .regex(
      /^[a-z0-9]([a-z0-9_-]{0,46}[a-z0-9])?$/,
      'a role has lower-case letters, digits, _ and -, at most 48, and begins and ends with a letter or digit',
    )
    .describe('Of the role; its login is in the Secret database-role-NAME, with - for each _'),
  login: z.boolean().default(true).describe('false: it only owns, and others are members of it'),
  password_file: filePath
    .optional()
    .describe('File with its password on one line, stored sealed; default: one that is made up once, and kept'),
})

const extension = z.union([
  named('extension'),
  z.strictObject({
    name: named('extension'),
    version: z.string().min(1).max(63).optional().describe('default is the one that the server brings'),
  }),
])

const database = z.strictObject({
  name: named('database'),
  owner: named('role')
    .optional()
    .describe('A role of this list, or a user of infra-postgres; it may do everything in it'),
  extensions: z.array(extension).max(100).default([]).describe('Made in it: a name, or a name with its version'),
})

const once = (all: readonly { readonly name: string }[]): boolean =>
  new Set(all.map(({ name }) => name.replaceAll('_', '-'))).size === all.length

export const settings = {
  connection: connectionShape.optional().describe('Another server than that of infra-postgres, or another way to it'),
  roles: z
    .array(role)
    .max(200)
    .refine(once, 'two roles have the same name, or names that differ only in _ and -')
    .default([])
    .describe('Made where they are not there; never dropped'),
  databases: z
    .array(database)
    .max(200)
    .refine(all => new Set(all.map(({ name }) => name)).size === all.length, 'two databases have the same name')
    .default([])
    .describe('Made where they are not there; never dropped'),
}
export type Settings = z.output<z.ZodObject<typeof settings>>
export type Role = Settings['roles'][number]
