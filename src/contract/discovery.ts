import { z } from 'zod'
import { nodeRoles } from '../domain/lifecycle.ts'
import { clusterName, ipAddress, hostname, loginName } from '../domain/names.ts'
import { maxKeyFileBytes } from '../domain/clusterFile/keyFiles.ts'
import { findingShape } from './finding.ts'

const file = z
  .strictObject({
    path: z.string().min(1).max(4096).describe('What the desired state calls it'),
    content: z.string().min(1).max(maxKeyFileBytes).describe('Stored sealed'),
  })
  .readonly()

export const discoverShape = z
  .strictObject({
    name: clusterName.describe('What the cluster is called here'),
    kubeconfig: z
      .string()
      .max(1024 * 1024)
      .optional()
      .describe('The YAML text; of its current context the cluster and the user are kept, sealed'),
    server: z
      .strictObject({
        host: z.union([ipAddress, hostname]),
        port: z.int().min(1).max(65535).optional(),
        user: loginName.optional(),
        key: file.optional().describe('Private key; without it the SSH agent of the server of Slipway is used'),
        sudo: z.boolean().optional(),
        sudo_password: file.optional(),
      })
      .readonly()
      .optional()
      .describe('A server of the cluster to log in to'),
    approve: z
      .string()
      .regex(/^[0-9a-f]{8,64}$/, 'a hash, or its first 8 characters at least')
      .nullable()
      .default(null)
      .describe('Hash of the differences that were seen; without it a cluster that is on record stays as it is'),
    dry_run: z.boolean().default(false).describe('Nothing goes on record'),
  })
  .refine(({ kubeconfig, server }) => kubeconfig === undefined || server === undefined, {
    error: 'either kubeconfig or server is needed, not both',
  })
  .readonly()
export type DiscoverRequest = z.infer<typeof discoverShape>

const difference = z
  .object({
    kind: z.enum(['new', 'gone', 'changed']),
    about: z.string().describe('`cluster`, `node w1`'),
    message: z.string(),
  })
  .readonly()
export type Difference = z.infer<typeof difference>

export const discoveredShape = z
  .object({
    cluster: z.string(),
    distribution: z.string(),
    version: z.string(),
    hash: z.string().describe('Of what would go on record'),
    first: z.boolean().describe('It was not on record before'),
    recorded: z.boolean().describe('It went on record now'),
    differences: z.array(difference).readonly(),
    findings: z.array(findingShape).readonly(),
    nodes: z
      .array(
        z
          .object({
            hostname: z.string(),
            role: z.enum(nodeRoles),
            internal_ip: z.string(),
            version: z.string(),
            failure: z.string().nullable().describe('Why it is not ready; null: it is'),
          })
          .readonly(),
      )
      .readonly(),
  })
  .readonly()
export type Discovered = z.infer<typeof discoveredShape>
