import { z } from 'zod'
import { nodeRoles, nodeStatuses } from '../domain/lifecycle.ts'
import { changeShape } from './plan.ts'
import { findingShape } from './finding.ts'
import { storedError } from './runs.ts'

const told = storedError.pick({ code: true, message: true, remedy: true }).readonly()

const certificateShape = z
  .object({
    file: z.string(),
    expires: z.string().describe('Of the leaf certificates on the machine, the first to end'),
  })
  .readonly()

const seenHostShape = z
  .object({
    seen_at: z.string(),
    version: z.string().nullable().describe('Of the release on the machine; null: there is none'),
    service: z
      .object({
        unit: z.string(),
        active: z.string().describe('As systemd says: active, activating, inactive, failed'),
        enabled: z.boolean(),
        since: z.string().describe('Start of its process, by the clock of the machine; empty when it never ran'),
        restart_pending: z.boolean().describe('It runs with earlier settings than those that lie there'),
      })
      .readonly()
      .describe('The one of its role'),
    certificate: certificateShape.nullable(),
  })
  .readonly()
export type SeenHost = z.infer<typeof seenHostShape>

const seenMemberShape = z
  .object({
    id: z.string(),
    name: z.string().describe('Empty until it has started for the first time'),
    hostname: z.string().nullable().describe('The node on record; null: nobody on record'),
    addresses: z.array(z.string()).readonly(),
    learner: z.boolean(),
    healthy: z.boolean().describe('It answered just now'),
  })
  .readonly()
export type SeenMember = z.infer<typeof seenMemberShape>

const apiNodeShape = z
  .object({
    ready: z.boolean(),
    reason: z.string().nullable().describe('Why it is not ready, as Kubernetes says'),
    kubelet_version: z.string().nullable(),
    unschedulable: z.boolean(),
    roles: z.array(z.string()).readonly(),
    labels: z.record(z.string(), z.string()).readonly(),
    taints: z.array(z.string()).readonly().describe('`key=value:Effect`'),
  })
  .readonly()
export type ApiNode = z.infer<typeof apiNodeShape>

const nodeDriftShape = z
  .object({
    hostname: z.string(),
    role: z.enum(nodeRoles),
    recorded: z
      .object({
        status: z.enum(nodeStatuses),
        wanted: z.boolean(),
        version: z.string().nullable(),
        behind: z.string().nullable().describe('Since when the others went on without it'),
        last_seen: z.string().nullable().describe('When a run last saw it at work'),
      })
      .readonly(),
    host: seenHostShape
      .nullable()
      .describe(
        'What its machine shows now; null: it was not seen, as `error` says, or machines of such a cluster are not looked at',
      ),
    error: told.nullable(),
    node: apiNodeShape.nullable().describe('Its Node; null: there is none, or the API did not answer'),
    member: seenMemberShape.nullable().describe('Its member of etcd; null: there is none, or nobody could be asked'),
    changes: z.array(changeShape).readonly().describe('What `apply` would do to it, which is what differs'),
  })
  .readonly()
export type NodeDrift = z.infer<typeof nodeDriftShape>

export const driftShape = z
  .object({
    cluster: z.string(),
    looked_at: z.string().describe('When the look began'),
    differs: z.boolean().describe('Something is not as it is on record, or could not be seen'),
    blocked: z.boolean().describe('`apply` refuses that plan until the errors among the findings are gone'),
    plan: z
      .string()
      .nullable()
      .describe(
        'Hash of the plan that `apply` would make of the stored desired state; null: nothing can be applied to it',
      ),
    under_way: z.string().nullable().describe('Run that is at work on the cluster: what differs may be what it does'),
    nodes: z.array(nodeDriftShape).readonly().describe('Those on record'),
    api: z
      .object({
        error: told.nullable().describe('Why nothing is known of Nodes; null: it answered'),
        foreign: z.array(z.string()).readonly().describe('Nodes that are not on record'),
      })
      .readonly(),
    etcd: z
      .object({
        asked: z.string().nullable().describe('The server that was asked; null: none answered for the cluster'),
        foreign: z.array(seenMemberShape).readonly().describe('Members that belong to no node on record'),
      })
      .readonly(),
    changes: z.array(changeShape).readonly().describe('Those that are no matter of one node'),
    findings: z.array(findingShape).readonly(),
  })
  .readonly()
export type Drift = z.infer<typeof driftShape>
