import { z } from 'zod'
import { clusterName } from '../../../domain/names.ts'
import { volumeSize } from '../../quantity.ts'
import { storageClassName } from '../../storage/storageClass.ts'

/** As PGO takes them: what is no name of PostgreSQL without quotes would have to be quoted everywhere. */
const identifier = z
  .string()
  .max(63)
  .regex(/^[a-z][a-z0-9_-]*$/, 'a name has lower-case letters, digits, _ and -, and begins with a letter')

const user = z.strictObject({
  name: identifier.max(40).describe('Of the user; its password is in the Secret NAME-pguser-USER'),
  databases: z.array(identifier).max(50).optional().describe('Made for it; it may do everything in them'),
})

export const settings = {
  name: clusterName.max(40).default('postgres').describe('Of the PostgresCluster'),
  postgres_version: z.int().min(13).max(18).default(17).describe('Major version; it is not raised by itself'),
  replicas: z.int().min(1).max(20).default(2).describe('Instances; one of them is the primary'),
  size: volumeSize.default('10Gi').describe('Of the volume of each instance'),
  backup_size: volumeSize.default('10Gi').describe('Of the volume with the backups'),
  storage_class: storageClassName.nullable().optional().describe('In place of that of the whole platform'),
  users: z
    .array(user)
    .max(100)
    .default([{ name: 'app', databases: ['app'] }])
    .describe('Users beside postgres, the administrator'),
}
