import { z } from 'zod'
import { maxNodes } from '../domain/cluster.ts'
import { maxOpenFileBytes } from '../domain/clusterFile/keyFiles.ts'
import { hostList } from '../domain/hostList.ts'
import { clusterName, hostname } from '../domain/names.ts'

/** Contents of files, by the path as they are named. */
export const filesShape = z.record(z.string().max(4096), z.string().max(maxOpenFileBytes)).readonly()

const names = z.array(hostname).max(maxNodes)
const nodes = names.min(1).readonly()

/** How the pods of a node are moved away. */
const eviction = {
  delete_emptydir_data: z
    .boolean()
    .default(false)
    .describe('Also evict pods whose emptyDir volumes are lost with them'),
  delete_unmanaged: z.boolean().default(false).describe('Also evict pods that no controller makes anew'),
  timeout_s: z.int().min(1).max(86_400).default(600).describe('How long the pods of one node may take to be gone, s'),
}

const ofMachines = {
  destroy_machines: z
    .boolean()
    .default(false)
    .describe('Also destroy the machines of nodes that leave, where Slipway has made them'),
}

const leaving = z.strictObject({ nodes: nodes.describe('One after the other, in this order'), ...eviction }).readonly()
const removal = leaving
  .unwrap()
  .extend({
    returning: names.readonly().describe('Of these, who is desired all the same: it leaves as it is, and joins anew'),
    ...ofMachines,
  })
  .readonly()
/** Nodes that leave the cluster, and how. */
export type Removal = z.infer<typeof removal>

const asked = z
  .strictObject({
    nodes: names.readonly().default([]).describe('One after the other, in this order'),
    prune: z.boolean().default(false).describe('Also every other node on record that the file no longer names'),
    ...ofMachines,
    ...eviction,
  })
  .refine(({ nodes: named, prune }) => prune || named.length > 0, { error: 'name nodes, or set prune' })
  .readonly()

/** As `Removal`, with those who are meant without being named. */
export type AskedRemoval = z.infer<typeof asked>

const apply = z
  .strictObject({
    operation: z.literal('apply'),
    remove: asked
      .nullable()
      .default(null)
      .describe('Nodes that the desired state no longer names, and that are to leave the cluster; null: none may'),
  })
  .readonly()

const scaleAdd = z
  .strictObject({
    operation: z.literal('scale-add'),
    nodes: z
      .array(z.record(z.string(), z.unknown()).readonly())
      .min(1)
      .max(maxNodes)
      .readonly()
      .describe('Each as in `spec.nodes` of a cluster file'),
    files: filesShape.default({}).describe('Contents of the files that the nodes name, by the path as they write it'),
  })
  .readonly()
  .describe('The desired state with these nodes as well is applied')
export type ScaleAdd = z.infer<typeof scaleAdd>

const successor = hostname
  .nullable()
  .default(null)
  .describe(
    'The server that takes the role of the first one over, where that one leaves; null: the first other one of the file that is active on record',
  )

const scaleRemove = z
  .strictObject({ operation: z.literal('scale-remove'), ...leaving.unwrap().shape, ...ofMachines, successor })
  .readonly()
  .describe('The desired state without these nodes is applied, and they leave the cluster')

const nodeReplace = z
  .strictObject({
    operation: z.literal('node-replace'),
    node: hostname.describe('Who leaves'),
    by: z
      .looseObject({ hostname })
      .readonly()
      .describe(
        'Who comes in its place and in its role, as in `spec.nodes`; of its settings (`ssh`, `node_vars`, files) it has those of the other one where it brings none. Of the same name: its own machine, installed anew, or another one',
      ),
    files: filesShape.default({}).describe('Contents of the files that `by` names, by the path as it writes it'),
    ...eviction,
    ...ofMachines,
    successor,
  })
  .readonly()
  .describe('The desired state with another node in the place of this one is applied, and this one leaves the cluster')
export type NodeReplace = z.infer<typeof nodeReplace>

const drain = z.strictObject({ operation: z.literal('drain'), ...leaving.unwrap().shape }).readonly()
export type DrainRequest = z.infer<typeof drain>

const uncordon = z.strictObject({ operation: z.literal('uncordon'), nodes }).readonly()
export type UncordonRequest = z.infer<typeof uncordon>

const platformApply = z
  .strictObject({
    operation: z.literal('platform-apply'),
    components: z
      .array(clusterName)
      .max(500)
      .readonly()
      .default([])
      .describe(
        'Components and charts of the desired state, by their names; what they need comes with them. None: all',
      ),
  })
  .readonly()
  .describe(
    'The platform of the desired state is applied, and nothing else; of a document only its platform is taken over',
  )
export type PlatformApply = z.infer<typeof platformApply>
const platformDisable = z
  .strictObject({
    operation: z.literal('platform-disable'),
    components: z
      .array(clusterName)
      .min(1)
      .max(250)
      .readonly()
      .describe('Components and charts, by their names; charts go out of the desired state, components are off in it'),
    uninstall: z.boolean().default(false).describe('Also take their releases out of the cluster; data stays'),
    cascade: z
      .enum(['background', 'foreground', 'orphan'])
      .default('background')
      .describe('What becomes of what the objects of a release own, as Helm means it'),
    namespace: clusterName
      .nullable()
      .default(null)
      .describe('Of the release that is to go, where there are several of its name; null: wherever it is'),
  })
  .readonly()
  .describe('The desired state without these is stored; what there is of them on the cluster stays or is taken out')
export type PlatformDisable = z.infer<typeof platformDisable>
/** With those of the names that nothing has ever named. */
const plannedDisable = platformDisable
  .unwrap()
  .extend({ unknown: z.array(clusterName).readonly() })
  .readonly()

const platformUpgrade = z
  .strictObject({
    operation: z.literal('platform-upgrade'),
    component: clusterName.describe('A component that is a chart, or a chart, by its name'),
    version: z.string().max(100).nullable().default(null).describe('Of a chart that is fetched'),
    chart: z
      .string()
      .min(1)
      .max(4096)
      .nullable()
      .default(null)
      .describe('Packed chart that is sent in `files` by this path, `oci://…`, or its name in the repository'),
    repository: z.string().max(2048).nullable().default(null).describe('URL of the repository that has it'),
    digest: z.string().max(100).nullable().default(null).describe('sha256:… of the packed chart'),
    files: filesShape.default({}).describe('The packed chart in base64, by the path as `chart` writes it'),
  })
  .readonly()
  .describe('The desired state with another version of this chart is applied to this component alone')
export type PlatformUpgrade = z.infer<typeof platformUpgrade>

const platformRollback = z
  .strictObject({
    operation: z.literal('platform-rollback'),
    component: clusterName.describe('A component or a chart, by its name'),
    revision: z
      .int()
      .min(1)
      .nullable()
      .default(null)
      .describe('As Helm numbers them; null: the last one that was in force before the present one'),
    namespace: clusterName
      .nullable()
      .default(null)
      .describe('Of its release; null: as the desired state says, or wherever it is'),
  })
  .readonly()
  .describe('The release goes back to an earlier revision; the desired state stays as it is')
export type PlatformRollback = z.infer<typeof platformRollback>

const uninstall = z
  .strictObject({
    operation: z.literal('uninstall'),
    keep_snapshots: z
      .boolean()
      .default(false)
      .describe('Leave the snapshots of etcd on the servers, with the token that a restore needs'),
    destroy_machines: z
      .boolean()
      .default(false)
      .describe('Also destroy the machines that Slipway has made for its nodes; not with `keep_snapshots`'),
    confirm: z
      .string()
      .max(300)
      .nullable()
      .default(null)
      .describe('The name of the cluster, as a person has typed it: a run is started only with it, a plan needs none'),
  })
  .readonly()
  .describe('RKE2 and all data go from every machine of the cluster, and the cluster goes off the record')
/** That a person has typed the name of the cluster is asked of its run, and makes no other plan. */
const plannedUninstall = uninstall.unwrap().omit({ confirm: true }).readonly()
export type Uninstall = z.infer<typeof plannedUninstall>

/** Those that have routes of their own. */
export const operations = { scaleAdd, scaleRemove, platformApply, platformDisable, platformUpgrade, platformRollback }

/** What is to be done to a cluster. `apply` makes it as it is desired, and is meant where nothing else is said. */
export const operationShape = z.discriminatedUnion('operation', [
  apply,
  scaleAdd,
  scaleRemove,
  nodeReplace,
  drain,
  uncordon,
  uninstall,
  platformApply,
  platformDisable,
  platformUpgrade,
  platformRollback,
])
export type OperationRequest = z.infer<typeof operationShape>

/** What a request comes down to: to scale, or to replace, is to apply another desired state, and to prune is to remove who is named. */
export const plannedOperationShape = z.discriminatedUnion('operation', [
  z.strictObject({ operation: z.literal('apply'), remove: removal.nullable() }).readonly(),
  drain,
  uncordon,
  plannedUninstall,
  platformApply,
  plannedDisable,
  platformRollback,
])
export type PlannedOperation = z.infer<typeof plannedOperationShape>

export const applyOperation = { operation: 'apply', remove: null } as const satisfies OperationRequest

/** Nodes that an operation takes out of the cluster by their names. */
export const removedByName = (operation: OperationRequest | PlannedOperation): readonly string[] =>
  operation.operation === 'apply' ? (operation.remove?.nodes ?? []) : []

/** Whether nothing left to do settles an earlier run of the same title that did not end well: it makes something so, and keeps it so. */
export const settlesRuns = ({ operation }: PlannedOperation): boolean =>
  operation === 'apply' || operation === 'platform-apply'

/** What a plan and its run are called: one line for people, which tells operations apart. */
export function operationTitle(request: PlannedOperation, cluster: string): string {
  switch (request.operation) {
    case 'apply':
      return `Apply ${cluster}`
    case 'drain':
      return `Drain ${hostList(request.nodes)} of ${cluster}`
    case 'uncordon':
      return `Uncordon ${hostList(request.nodes)} of ${cluster}`
    case 'uninstall':
      return `Uninstall ${cluster}`
    case 'platform-apply':
      return request.components.length === 0
        ? `Apply the platform of ${cluster}`
        : `Apply ${request.components.join(', ')} of ${cluster}`
    case 'platform-rollback':
      return `Roll back ${request.component} of ${cluster}`
    case 'platform-disable':
      return `${request.uninstall ? 'Take out' : 'Disable'} ${request.components.join(', ')} of ${cluster}`
  }
}
