import { z } from 'zod'
import {
  clusterName,
  holdsLogin,
  hostname,
  ipAddress,
  loginName,
  machineAddress,
  nodeAddress,
  plainText,
} from './names.ts'
import { clusterVars, nodeVars } from './rke2Config.ts'
import { nodeRoles } from './lifecycle.ts'
import { rke2Version } from './version.ts'

/**
 * Desired state: the shape of cluster.yaml, of the API's cluster resource and of the tables' JSON. Snake case
 * everywhere, the same words in file, API and database.
 */

const port = z.int().min(1).max(65535)
const filePath = z
  .string()
  .min(1)
  .max(4096)
  .refine(text => !/[\p{Cc}]/u.test(text), 'control characters are not allowed')
/** A login in a URL would be stored and shown in clear with everything else that the file says. */
const withoutLogin = (remedy: string) =>
  [(text: string) => !holdsLogin(text), { error: 'a URL may hold no login', params: { remedy } }] as const
const httpUrl = (remedy: string) =>
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

export const jumpHost = z.strictObject({
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
  sudo: z.boolean().optional().describe('Become root by sudo; default: when the user is not root'),
  sudo_password_file: filePath
    .optional()
    .describe('File that holds the sudo password, relative to the cluster file; stored sealed'),
  jump: z.array(jumpHost).max(4).optional().describe('Jump hosts, the first is dialled first'),
})

export const registries = z.strictObject({
  mirrors: z
    .record(
      z.string(),
      z.strictObject({
        endpoint: z.array(
          plainText.refine(...withoutLogin('Remove USER:PASSWORD@; the login goes into configs.HOST.auth_file.')),
        ),
        rewrite: z.record(z.string(), z.string()).optional(),
      }),
    )
    .optional(),
  configs: z
    .record(
      z.string(),
      z.strictObject({
        auth_file: filePath.optional().describe('File with `username: …` and `password: …`; stored sealed'),
        tls: z
          .strictObject({
            ca_file: plainText.optional(),
            cert_file: plainText.optional(),
            key_file: plainText.optional(),
            insecure_skip_verify: z.boolean().optional(),
          })
          .optional(),
      }),
    )
    .optional(),
})

export const proxy = z.strictObject({
  http_proxy: proxyUrl.optional(),
  https_proxy: proxyUrl.optional(),
  no_proxy: z.array(plainText).optional(),
})

/** Thresholds of the preflight; units in the names. */
export const preflight = z.strictObject({
  min_cpus: z.int().min(1).optional().describe('Servers and agents; default 2 (a warning below it)'),
  min_memory_mib: z.int().min(128).optional().describe('Default 2048 on agents, 4096 on servers (a warning below it)'),
  min_disk_free_mib: z.int().min(64).optional().describe('Free on the data folder’s file system; default 2048'),
  max_clock_skew_s: z.number().min(0.1).optional().describe('Between a host and this machine; default 5'),
})

export const nodeSpec = z.strictObject({
  hostname: hostname.describe('Name in Kubernetes and in the inventory; unique in the cluster'),
  internal_ip: nodeAddress.describe('Address between the nodes'),
  external_ip: machineAddress.optional().describe('Address from outside'),
  use_external_ip: z.boolean().optional().describe('Reach the host at external_ip; default false'),
  role: z.enum(nodeRoles).describe('Exactly one initial_master; the other servers are masters'),
  node_vars: nodeVars.optional(),
  ssh: sshSettings.optional(),
})

export const clusterSpec = z.strictObject({
  distribution: z.literal('rke2'),
  version: rke2Version.describe('Version of RKE2, written like v1.34.1+rke2r1'),
  artifact_url: httpUrl('Remove USER:PASSWORD@; use a mirror that asks for no login, or artifact_path.')
    .optional()
    .describe('Release URL or mirror; default is the public release URL'),
  artifact_path: filePath
    .optional()
    .describe('Folder with the release files on the machine that runs Slipway (air gap); relative to the cluster file'),
  api_endpoint: z
    .union([ipAddress, hostname])
    .optional()
    .describe('VIP or DNS name of the API; default is the initial master’s address'),
  token_file: filePath
    .optional()
    .describe('File with the server token; generated when absent. Stored sealed; it cannot be changed later'),
  ssh: sshSettings.optional().describe('How the machines are reached'),
  cluster_vars: clusterVars.optional().describe('Keys of RKE2’s config.yaml, for all nodes'),
  registries: registries.optional().describe('RKE2’s registries.yaml: mirrors and logins of image registries'),
  proxy: proxy.optional().describe('HTTP proxy of the machines'),
  preflight: preflight.optional().describe('Thresholds of the checks before anything is changed'),
  ready_timeout_s: z
    .int()
    .min(10)
    .max(7200)
    .optional()
    .describe('How long a node may take from the start of its service until it is ready; default 600'),
  nodes: z.array(nodeSpec).min(1).max(5000).describe('The machines'),
})

export const clusterFile = z.strictObject({
  apiVersion: z.literal('slipway/v1'),
  kind: z.literal('Cluster'),
  metadata: z.strictObject({ name: clusterName }),
  spec: clusterSpec,
})

export type SshSettings = z.infer<typeof sshSettings>
export type NodeSpec = z.infer<typeof nodeSpec>
export type ClusterSpec = z.infer<typeof clusterSpec>
export type ClusterFile = z.infer<typeof clusterFile>

/** The address that SSH and Ansible use (C1): external when asked for and known, else internal. */
export function ansibleIp(node: Pick<NodeSpec, 'internal_ip' | 'external_ip' | 'use_external_ip'>): string {
  return node.use_external_ip && node.external_ip ? node.external_ip : node.internal_ip
}

export const isServer = (node: Pick<NodeSpec, 'role'>): boolean => node.role !== 'worker'
