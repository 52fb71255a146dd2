import { z } from 'zod'
import { clusterName } from '../../../domain/names.ts'
import { volumeSize } from '../../quantity.ts'
import { storageClassName } from '../../storage/storageClass.ts'

export const settings = {
  name: clusterName.max(40).default('logs').describe('Of the OpenSearchCluster'),
  opensearch_version: z
    .string()
    .regex(/^\d+\.\d+\.\d+$/, 'a version is written like 2.19.1')
    .default('2.19.1')
    .describe('Version of OpenSearch'),
  replicas: z.int().min(1).max(100).default(3).describe('Nodes; each may lead the cluster, and has data'),
  size: volumeSize.default('30Gi').describe('Of the volume of each node'),
  storage_class: storageClassName.nullable().optional().describe('In place of that of the whole platform'),
}
