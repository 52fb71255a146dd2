import { z } from 'zod'
import { clusterName } from '../../../domain/names.ts'
import { volumeSize } from '../../quantity.ts'
import { storageClassName } from '../../storage/storageClass.ts'

export const settings = {
  name: clusterName.max(40).default('metrics').describe('Of the VMCluster'),
  replicas: z.int().min(1).max(50).default(2).describe('Of vmstorage, vmselect and vminsert each'),
  replication: z
    .int()
    .min(1)
    .max(10)
    .optional()
    .describe('On how many vmstorage a sample lies; default 2, or 1 for one'),
  retention: z
    .string()
    .regex(/^[1-9]\d*[hdwy]?$/, 'a retention is written like 30d; a number alone is months')
    .default('30d')
    .describe('How long metrics are kept'),
  size: volumeSize.default('20Gi').describe('Of the volume of each vmstorage'),
  storage_class: storageClassName.nullable().optional().describe('In place of that of the whole platform'),
}
