import { z } from 'zod'
import { nodeRoles } from './lifecycle.ts'
import { machineOfToken } from './machineToken.ts'
import {
  addressesSchema,
  clusterName,
  filePath,
  hostname,
  ipAddress,
  loginName,
  machineAddress,
  nodeAddress,
} from './names.ts'
import { commaParts } from './values/commaParts.ts'
import { commaListOf, flag } from './values/forms.ts'
import { holdsLogin } from './values/logins.ts'
import { noProxyFault } from './values/networkNames.ts'

/**
 * Desired state: the shape of cluster.yaml, of the API's cluster resource and of the tables' JSON. Snake case
 * everywhere, the same words in file, API and database. What stands here every distribution has in common; each adds
 * what is its own (`format.ts` in its folder).
 */

const isMachineToken = (text: string): boolean => machineOfToken(text) !== null

const port = z.int().min(1).max(65535)
/** A login in a URL would be stored and shown in clear with everything else that the file says. */
const withoutLogin = (remedy: string) =>
  [(text: string) => !holdsLogin(text), { error: 'a URL may hold no login', params: { remedy } }] as const
export const httpUrl = (remedy: string) =>
  z
    .url({ protocol: /^https?$/, error: 'not a URL that begins with http:// or https://' })
    .refine(text => !/[\s{}"'`\\]/.test(text), 'not a plain http(s) URL')
    .refine(text => !/[?#]/.test(text), {
      error: 'a URL may hold no query and no fragment',
      params: {
        remedy: 'Remove what begins with ? or #: it is stored and shown in clear, and paths are put behind the URL.',
      },
    })
    .refine(...withoutLogin(remedy))
const proxyUrl = httpUrl('Remove USER:PASSWORD@; Slipway has no place for the password of a proxy.')

const jumpHost = z.strictObject({
  host: z.union([ipAddress, hostname]),
  port: port.optional(),
  user: loginName.optional(),
  key_file: filePath.optional(),
})

/** How a host is reached. Settings of a node win, key by key, over those of the cluster. */
export const sshSettings = z.strictObject({
  user: loginName.optional().describe('Login name; default root'),
  port: port.optional().describe('Default 22'),
  key_file: filePath
    .optional()
    .describe('Private key, relative to the cluster file; stored sealed. Without it the SSH agent is used'),
  sudo: flag.optional().describe('Become root by sudo; default: when the user is not root'),
  sudo_password_file: filePath
    .optional()
    .describe('File that holds the sudo password, relative to the cluster file; stored sealed'),
  jump: z.array(jumpHost).max(4).optional().describe('Jump hosts, the first is dialled first'),
})

const proxy = z.strictObject({
  http_proxy: proxyUrl.optional(),
  https_proxy: proxyUrl.optional(),
  no_proxy: commaListOf(noProxyFault)
    .optional()
    .describe('Hosts, domains, addresses and ranges that are reached directly'),
})

/** Thresholds of the preflight; units in the names. */
const preflight = z.strictObject({
  min_cpus: z.int().min(1).optional().describe('Servers and agents; default 2 (a warning below it)'),
  min_memory_mib: z.int().min(128).optional().describe('Default 2048 on agents, 4096 on servers (a warning below it)'),
  min_disk_free_mib: z.int().min(64).optional().describe('Free on the data folder’s file system; default 2048'),
  max_clock_skew_s: z.number().min(0.1).optional().describe('Between a host and this machine; default 5'),
})

/** The fields of a node that each distribution has. */
export const nodeFields = {
  hostname: hostname.describe('Name in Kubernetes and in the inventory; unique in the cluster'),
  internal_ip: addressesSchema(nodeAddress, isMachineToken).describe(
    'Address between the nodes; with one of each family: 10.0.0.11,fd00::11. Of a node on a machine that Slipway makes: machine:NAME, and nothing where that is its hostname',
  ),
  external_ip: addressesSchema(machineAddress).optional().describe('Address from outside; likewise'),
  use_external_ip: flag.optional().describe('Reach the host at external_ip; default false'),
  role: z.enum(nodeRoles).describe('Exactly one initial_master; the other servers are masters'),
  ssh: sshSettings.optional(),
}

/** The fields of `spec` that each distribution has, but for the nodes and the version. */
export const specFields = {
  api_endpoint: z
    .union([ipAddress, hostname])
    .optional()
    .describe('VIP or DNS name of the API; default is the initial master’s address'),
  ssh: sshSettings.optional().describe('How the machines are reached'),
  proxy: proxy.optional().describe('HTTP proxy of the machines'),
  preflight: preflight.optional().describe('Thresholds of the checks before anything is changed'),
  ready_timeout_s: z
    .int()
    .min(10)
    .max(7200)
    .optional()
    .describe('How long a node may take from the start of its service until it is ready; default 600'),
}

/** Most nodes that a cluster may have. */
export const maxNodes = 5000

const vars = z.record(z.string(), z.unknown())
const knownNode = z.object({ ...nodeFields, node_vars: vars.optional() })
const knownSpec = z.object({
  /** Which distribution's the rest is. */
  distribution: z.string().min(1).max(63),
  version: z.string().min(1).max(100),
  ...specFields,
  cluster_vars: vars.optional(),
  /** What runs on the cluster, whatever its distribution: only the platform can judge it. */
  platform: z.unknown().optional(),
  /** Settings of machines that Slipway makes for it: only the providers can judge them. */
  machines: z.unknown().optional(),
  nodes: z.array(knownNode.loose()).min(1).max(maxNodes),
})

export type SshSettings = z.infer<typeof sshSettings>
export type NodeSpec = z.infer<typeof knownNode>
export type ClusterSpec = Omit<z.infer<typeof knownSpec>, 'nodes'> & { nodes: NodeSpec[] }
export interface ClusterFile<Spec extends ClusterSpec = ClusterSpec> {
  readonly apiVersion: 'slipway/v1'
  readonly kind: 'Cluster'
  readonly metadata: { readonly name: string }
  readonly spec: Spec
}

/** A node of any distribution: what is its own stays as it is, and only the distribution can judge it. */
export const nodeSpec = knownNode.loose()
export const clusterSpec = knownSpec.loose()

/** A cluster file whose `spec` is of this shape. */
export const clusterFileOf = <Spec extends z.ZodType>(spec: Spec) =>
  z.strictObject({
    apiVersion: z.literal('slipway/v1'),
    kind: z.literal('Cluster'),
    metadata: z.strictObject({ name: clusterName }),
    spec,
  })

type Addresses = Pick<NodeSpec, 'internal_ip' | 'external_ip' | 'use_external_ip'>

/** The address at which the other nodes reach this one: of two, the first. */
export const primaryAddress = ({ internal_ip }: Pick<NodeSpec, 'internal_ip'>): string => firstOf(internal_ip)

/** The address that SSH and Ansible use (C1): external when asked for and known, else internal. */
export const ansibleIp = (node: Addresses): string =>
  firstOf(node.use_external_ip && node.external_ip ? node.external_ip : node.internal_ip)

/** All addresses of a field: one, or one of each family. */
export const addressesOf = (field: string | undefined): string[] =>
  // That of a machine which is not made yet is nobody's: no rule can judge it.
  commaParts(field ?? '').filter(one => machineOfToken(one) === null)

const firstOf = (field: string): string => commaParts(field)[0] ?? field

export const isServer = (node: Pick<NodeSpec, 'role'>): boolean => node.role !== 'worker'
