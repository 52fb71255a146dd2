import { scheduleFault } from './values/schedule.ts'
import { posix } from 'node:path'
import { z } from 'zod'
import { rangeFault, serviceAddressFault } from '../../../domain/addresses.ts'
import { ipAddress, plainText } from '../../../domain/names.ts'
import { ownKeyRefused, ownKeys, type RefusedKey, secretRefused } from './ownKeys.ts'
import { holdsSecret } from './secretKeys.ts'
import { addArgumentFault, argumentList } from './values/componentArguments.ts'
import { ingressControllers, networkPlugins } from './values/choices.ts'
import { checked, commaListOf, commaTextOf, count, bareWord, fileMode, flag } from '../../../domain/values/forms.ts'
import { extraFault } from './values/extraKinds.ts'
import { holdsPrivateKey } from '../../../domain/values/fileNames.ts'
import { labelFault, taintFault } from '../../../domain/values/labels.ts'
import { carriesLogin } from '../../../domain/values/logins.ts'
import { domainFault, portRangeFault, registryHostFault, subjectFault } from '../../../domain/values/networkNames.ts'

/**
 * RKE2's configuration keys as cluster_vars and node_vars may set them (RKE2 server and agent references).
 * Keys that Slipway decides itself (`server`, `token`, `agent-token`, `node-name`, `node-ip`) are not here: setting
 * them by hand could split or orphan a cluster. A key unknown to this table is taken under `extra`, as it is.
 */
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
const names = commaListOf(text => (plainText.safeParse(text).success ? null : unfit))
const unfit = { message: 'control characters and template markers are not allowed', remedy: 'Leave these signs out.' }
const scalar = z.union([plainText, z.number(), z.boolean()])

/** Keys that must be equal on all servers; a node may not override them. */
const clusterOnly = {
  'cluster-cidr': commaTextOf(rangeFault).describe('Range of the pods; one of each family where there are two'),
  'service-cidr': commaTextOf(rangeFault).describe('Range of the services; of the same families as cluster-cidr'),
  'cluster-dns': commaTextOf(serviceAddressFault).describe('Address of the DNS service, within service-cidr'),
  'cluster-domain': checked(domainFault),
  'disable-cloud-controller': flag,
  'disable-kube-proxy': flag,
  'egress-selector-mode': z.enum(['disabled', 'agent', 'pod', 'cluster']),
  cni: networkPlugins.describe('canal (default), calico, cilium, flannel or none; after multus if wanted'),
  'ingress-controller': ingressControllers.describe('ingress-nginx, traefik or none; the first is the default class'),
  'embedded-registry': flag.describe('Nodes share images; registries.mirrors says which'),
  disable: names,
  'service-node-port-range': checked(portRangeFault),
  'secrets-encryption-provider': z.enum(['aescbc', 'secretbox']),
  'data-dir': dataDir,
}

/** Keys with several values, to which more can be added: `KEY+` below `extra`. */
const lists = {
  'node-label': commaListOf(labelFault),
  'node-taint': commaListOf(taintFault, 100),
  'tls-san': commaListOf(subjectFault),
  'kubelet-arg': argumentList('kubelet-arg'),
  'kube-proxy-arg': argumentList('kube-proxy-arg'),
  'kube-apiserver-arg': argumentList('kube-apiserver-arg'),
  'kube-controller-manager-arg': argumentList('kube-controller-manager-arg'),
  'kube-scheduler-arg': argumentList('kube-scheduler-arg'),
  'etcd-arg': argumentList('etcd-arg'),
}

const perNode = {
  ...lists,
  'write-kubeconfig-mode': fileMode,
  profile: z.enum(['cis', 'cis-1.23', 'etcd']).describe('cis-1.23 before v1.30 only'),
  selinux: flag,
  debug: flag,
  'protect-kernel-defaults': flag,
  'system-default-registry': checked(registryHostFault),
  'disable-default-registry-endpoint': flag,
  'resolv-conf': path,
  'bind-address': ipAddress,
  'advertise-address': ipAddress,
  'etcd-expose-metrics': flag,
  'etcd-disable-snapshots': flag,
  'etcd-snapshot-schedule-cron': checked(scheduleFault).describe('Five fields, or a word like @daily or @every 6h'),
  'etcd-snapshot-retention': count(0, 1000),
  'etcd-snapshot-dir': path.describe('Made where it is not there'),
  'etcd-snapshot-compress': flag,
  'container-runtime-endpoint': plainText,
  snapshotter: plainText,
  'lb-server-port': count(1, 65535),
  'cloud-provider-name': plainText,
  'audit-policy-file': path,
  'pod-security-admission-config-file': path,
}

export const clusterOnlyKeys: ReadonlySet<string> = new Set(Object.keys(clusterOnly))
const perNodeKeys: ReadonlySet<string> = new Set(Object.keys(perNode))

/**
 * Why `extra` may not have a key. What it says reaches RKE2 unseen, and Slipway would go on with the value that it
 * knows; a list that is only added to (`kubelet-arg+`) leaves that value as it is.
 */
function refusedExtra(written: string): RefusedKey | null {
  const key = written.replace(/\+$/, '')
  if (ownKeys.has(key)) return ownKeyRefused(key)
  if (holdsSecret(key)) return secretRefused(key)
  if (clusterOnlyKeys.has(key))
    return { message: `Slipway knows the key ${key}`, remedy: `Write ${key} in spec.cluster_vars, not below extra.` }
  if (perNodeKeys.has(written))
    return { message: `Slipway knows the key ${key}`, remedy: `Write ${key} beside extra, not below it.` }
  if (perNodeKeys.has(key) && !Object.hasOwn(lists, key))
    return {
      message: `${key} has one value, and nothing can be added to it`,
      remedy: `Write ${key} beside extra, without +.`,
    }
  return null
}

const loginRefused = (key: string): RefusedKey => ({
  message: 'a URL may hold no login here: this file is stored and shown in clear',
  remedy: `Remove USER:PASSWORD@, or put the whole value into a file: spec.secret_files: { ${key}: ./FILE }.`,
})

/** RKE2 takes a single letter for the short form of another key (d: data-dir, s: server, t: token). */
const configKey = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]+\+?$/, 'a key of config.yaml has two or more lower-case letters, digits and hyphens')

const extra = z.codec(
  z.record(configKey, z.union([scalar, z.array(scalar)])).superRefine((record, context) => {
    for (const [key, value] of Object.entries(record)) {
      const isArguments = /-arg\+?$/.test(key)
      const refused =
        refusedExtra(key) ?? (!isArguments && [value].flat().some(carriesLogin) ? loginRefused(key) : null)
      if (refused)
        context.addIssue({
          code: 'custom',
          path: [key],
          message: refused.message,
          params: { atKey: true, remedy: refused.remedy },
        })
      const fault = refused ? null : extraFault(key, value)
      if (fault)
        context.addIssue({ code: 'custom', path: [key], message: fault.message, params: { remedy: fault.remedy } })
      // What is appended to a list is of the same kind as what is in it.
      const known = key.endsWith('+')
        ? new Map<string, z.ZodType>(Object.entries(perNode)).get(key.slice(0, -1))
        : undefined
      if (isArguments && !known && !refused)
        for (const item of [value].flat()) addArgumentFault(context, key, String(item), [key])
      for (const issue of known?.safeParse(value).error?.issues ?? [])
        context.addIssue({ ...issue, path: [key, ...issue.path] })
    }
  }),
  z.record(z.string(), z.union([scalar, z.array(scalar)])),
  {
    decode: record =>
      Object.fromEntries(
        Object.entries(record).map(([key, value]) => [key, typeof value === 'string' ? bareWord(value) : value]),
      ),
    encode: record => record,
  },
)

/** Files that hold the values of keys that are secret, by key. */
export const secretFiles = z
  .record(
    configKey.refine(key => !key.endsWith('+'), 'nothing can be appended to a secret'),
    plainText
      .min(1)
      .max(4096)
      .refine(text => !holdsPrivateKey(text), 'the name of a file is needed, not what is in it'),
  )
  .superRefine((record, context) => {
    for (const key of Object.keys(record)) {
      if (!ownKeys.has(key) && !clusterOnlyKeys.has(key) && !perNodeKeys.has(key)) continue
      const { message, remedy } = ownKeys.has(key)
        ? ownKeyRefused(key)
        : { message: `the value of ${key} is no secret`, remedy: `Write ${key} in spec.cluster_vars.` }
      context.addIssue({ code: 'custom', path: [key], message, params: { atKey: true, remedy } })
    }
  })

const partial = <Shape extends z.core.$ZodShape>(shape: Shape) => z.strictObject(shape).partial()

export const clusterVars = partial({ ...clusterOnly, ...perNode, extra })
export const nodeVars = partial({ ...perNode, extra })

export type ClusterVars = z.infer<typeof clusterVars>
export type NodeVars = z.infer<typeof nodeVars>
export type ListKey = keyof typeof lists
