import { z } from 'zod'
import { clusterName } from '../../../domain/names.ts'
import { connectionShape, databaseName, objectName } from '../../databases/connection.ts'

export const parts = ['user', 'password', 'host', 'port', 'dbname', 'url'] as const
export type Part = (typeof parts)[number]

const secretKey = z
  .string()
  .max(253)
  .regex(/^[A-Za-z0-9._-]+$/, 'a key of a Secret has letters, digits and the signs - _ .')

const connectionSecret = z
  .strictObject({
    name: objectName.describe('Of the Secret that applications read'),
    namespaces: z.array(clusterName).min(1).max(100).describe('In which it is; made where they are not there'),
    user: databaseName.optional().describe('A user of infra-postgres, or a role of database-init'),
    secret: z
      .strictObject({ name: objectName, namespace: clusterName })
      .optional()
      .describe(
        'Secret with the login, in place of user: user (or username), password, and host, port, dbname where it has them',
      ),
    host: z
      .string()
      .min(1)
      .max(253)
      .regex(/^[A-Za-z0-9._:-]+$/, 'a host has letters, digits and the signs . _ : -')
      .optional()
      .describe('default is the one that the login has, else the Service of the server'),
    port: z
      .int()
      .min(1)
      .max(65535)
      .optional()
      .describe('default is the one that the login has, else that of the server'),
    database: databaseName.optional().describe('default is the one that the login has'),
    keys: z
      .partialRecord(z.enum(parts), secretKey)
      .optional()
      .describe('Names of its keys in place of user, password, host, port, dbname, url'),
    scheme: z
      .string()
      .max(30)
      .regex(/^[a-z][a-z0-9+]*$/, 'a scheme has lower-case letters, digits and +')
      .default('postgresql')
      .describe('Of the URL'),
    parameters: z
      .record(z.string().min(1).max(63), z.string().max(255))
      .optional()
      .describe('Behind the URL, like sslmode: require'),
  })
  .refine(({ user, secret }) => (user === undefined) !== (secret === undefined), 'one of user and secret is needed')
  .refine(({ keys = {} }) => {
    const names = parts.map(part => keys[part] ?? part)
    return new Set(names).size === names.length
  }, 'two of its keys have the same name')

const placesOf = ({ name, namespaces }: { readonly name: string; readonly namespaces: readonly string[] }) =>
  namespaces.map(namespace => `${namespace}/${name}`)

export const settings = {
  connection: connectionShape
    .optional()
    .describe('Another server, or another way to it; default is what database-init has'),
  secrets: z
    .array(connectionSecret)
    .max(200)
    .refine(all => {
      const places = all.flatMap(placesOf)
      return new Set(places).size === places.length
    }, 'a Secret is named twice')
    .default([])
    .describe('Secrets by which applications connect'),
}
export type Settings = z.output<z.ZodObject<typeof settings>>
export type ConnectionSecret = Settings['secrets'][number]
