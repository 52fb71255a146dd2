import { posix } from 'node:path'
import { z } from 'zod'
import { ipAddress, plainText } from './names.ts'

/**
 * RKE2's configuration keys as cluster_vars and node_vars may set them (RKE2 server and agent references).
 * Keys that Slipway decides itself (`server`, `token`, `agent-token`, `node-name`, `node-ip`) are not here: setting
 * them by hand could split or orphan a cluster. A key unknown to this table is taken under `extra`, as it is.
 */
const label = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_./-]*=[A-Za-z0-9_.-]*$/, 'a label is written key=value')
const taint = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9_./-]*(=[A-Za-z0-9_.-]*)?:(NoSchedule|PreferNoSchedule|NoExecute)$/,
    'a taint is written key=value:Effect',
  )
const cidrs = z
  .string()
  .regex(/^[0-9a-fA-F.:]+\/\d{1,3}(,[0-9a-fA-F.:]+\/\d{1,3})?$/, 'not a CIDR (two may stand, with a comma)')
const path = plainText.refine(
  text => text.startsWith('/') && !text.split('/').includes('..'),
  'an absolute path is needed',
)
/** RKE2 fills its data folder and its removal empties it: none of the system's, none lost at a boot, none with others in it. */
const systemFolder =
  /^\/(?:(?:bin|boot|dev|etc|lib|lib32|lib64|libx32|proc|run|sbin|sys|tmp|usr|var\/run|var\/tmp)(?:\/|$)|(?:home|media|mnt|opt|root|srv|var|var\/lib|var\/log)?\/?$)/
/** It stands bare in a unit file (the bootstrap guard), where systemd reads signs like % and blanks its own way. */
const dataDir = path
  .regex(
    /^\/[A-Za-z0-9._/-]+$/,
    'a folder in which letters, digits and the signs . _ - / stand is needed: a unit file names it',
  )
  .refine(
    text => !systemFolder.test(posix.normalize(text)),
    'a folder of its own is needed, outside of the system’s own',
  )
const list = z.array(plainText).max(200)
const scalar = z.union([plainText, z.number(), z.boolean()])

/** Keys that must be equal on all servers; a node may not override them. */
const clusterOnly = {
  'cluster-cidr': cidrs,
  'service-cidr': cidrs,
  'cluster-dns': plainText,
  'cluster-domain': plainText,
  'disable-cloud-controller': z.boolean(),
  'disable-kube-proxy': z.boolean(),
  'egress-selector-mode': z.enum(['disabled', 'agent', 'pod', 'cluster']),
  cni: z.union([plainText, list]),
  disable: list,
  'service-node-port-range': plainText,
  'secrets-encryption-provider': z.enum(['aescbc', 'secretbox']),
  'data-dir': dataDir,
}

const perNode = {
  'node-label': z.array(label).max(200),
  'node-taint': z.array(taint).max(100),
  'tls-san': list,
  'kubelet-arg': list,
  'kube-proxy-arg': list,
  'kube-apiserver-arg': list,
  'kube-controller-manager-arg': list,
  'kube-scheduler-arg': list,
  'etcd-arg': list,
  'write-kubeconfig-mode': z.string().regex(/^0?[0-7]{3}$/, 'a mode is written like "0640"'),
  profile: z.enum(['cis', 'cis-1.23', 'etcd']),
  selinux: z.boolean(),
  debug: z.boolean(),
  'protect-kernel-defaults': z.boolean(),
  'system-default-registry': plainText,
  'resolv-conf': path,
  'bind-address': ipAddress,
  'advertise-address': ipAddress,
  'etcd-expose-metrics': z.boolean(),
  'etcd-disable-snapshots': z.boolean(),
  'etcd-snapshot-schedule-cron': plainText,
  'etcd-snapshot-retention': z.int().min(0).max(1000),
  'etcd-snapshot-dir': path,
  'etcd-snapshot-compress': z.boolean(),
  'container-runtime-endpoint': plainText,
  snapshotter: plainText,
  'lb-server-port': z.int().min(1).max(65535),
  'cloud-provider-name': plainText,
  'audit-policy-file': path,
  'pod-security-admission-config-file': path,
}

/** Keys of which the value stays Slipway's own; `extra` may not smuggle them in. */
export const ownKeys: ReadonlySet<string> = new Set([
  'server',
  'token',
  'token-file',
  'agent-token',
  'agent-token-file',
  'node-name',
  'node-ip',
  'node-external-ip',
  'cluster-reset',
  'cluster-reset-restore-path',
  'write-kubeconfig',
])

export const clusterOnlyKeys: ReadonlySet<string> = new Set(Object.keys(clusterOnly))
const perNodeKeys: ReadonlySet<string> = new Set(Object.keys(perNode))

interface Refused {
  readonly message: string
  readonly remedy: string
}

/**
 * Why `extra` may not have a key. What it says reaches RKE2 unseen, and Slipway would go on with the value that it
 * knows; a list that is only added to (`kubelet-arg+`) leaves that value as it is.
 */
function refusedExtra(written: string): Refused | null {
  const key = written.replace(/\+$/, '')
  if (ownKeys.has(key))
    return {
      message: `the key ${key} is set by Slipway itself`,
      remedy: 'Remove it. The server token can be given with spec.token_file.',
    }
  if (clusterOnlyKeys.has(key))
    return { message: `Slipway knows the key ${key}`, remedy: `Write ${key} in spec.cluster_vars, not below extra.` }
  if (perNodeKeys.has(written))
    return { message: `Slipway knows the key ${key}`, remedy: `Write ${key} beside extra, not below it.` }
  return null
}

const extra = z
  .record(
    // RKE2 takes a single letter for the short form of another key (d: data-dir, s: server, t: token).
    z
      .string()
      .regex(/^[a-z0-9][a-z0-9-]+\+?$/, 'a key of config.yaml has two or more lower-case letters, digits and hyphens'),
    z.union([scalar, z.array(scalar)]),
  )
  .superRefine((record, context) => {
    for (const key of Object.keys(record)) {
      const refused = refusedExtra(key)
      if (refused)
        context.addIssue({
          code: 'custom',
          path: [key],
          message: refused.message,
          params: { atKey: true, remedy: refused.remedy },
        })
    }
  })

const partial = <Shape extends z.core.$ZodShape>(shape: Shape) => z.strictObject(shape).partial()

export const clusterVars = partial({ ...clusterOnly, ...perNode, extra })
export const nodeVars = partial({ ...perNode, extra })

export type ClusterVars = z.infer<typeof clusterVars>
export type NodeVars = z.infer<typeof nodeVars>
