import { z } from 'zod'
import { sshSettings } from '../domain/cluster.ts'
import { nodeRoles, nodeStatuses } from '../domain/lifecycle.ts'
import { pageQuery } from './page.ts'

export const nodeShape = z
  .object({
    cluster: z.string(),
    hostname: z.string(),
    internal_ip: z.string(),
    external_ip: z.string().nullable(),
    use_external_ip: z.boolean(),
    ansible_ip: z.string().describe('Derived: the address that SSH and Ansible use'),
    role: z.enum(nodeRoles),
    status: z.enum(nodeStatuses),
    wanted: z.boolean().describe('False: the desired state no longer names it'),
    health: z.string().nullable().describe('Observed, never a status; null: not observed yet'),
    last_seen: z
      .string()
      .nullable()
      .describe('When a run last saw it at work; nobody watches the nodes in between. Null: not known to work'),
    installed_version: z.string().nullable(),
    last_error: z.string().nullable(),
    behind: z
      .object({ since: z.string(), reason: z.string() })
      .readonly()
      .nullable()
      .describe('Left out of what was done to the others since then; the next apply that reaches it catches it up'),
    node_vars: z.record(z.string(), z.unknown()).readonly().describe('As the distribution names them'),
    ssh: sshSettings.readonly(),
    created: z.string(),
    updated: z.string(),
    status_since: z.string(),
  })
  .readonly()
export type Node = z.infer<typeof nodeShape>

export const nodesQuery = pageQuery
  .unwrap()
  .extend({ removed: z.stringbool().default(false).describe('Also nodes that were removed') })
  .readonly()
export type NodesQuery = z.infer<typeof nodesQuery>
