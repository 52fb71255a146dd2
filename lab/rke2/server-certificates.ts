import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { addressAt, parseRange } from './address.ts'
import { createAuthority, createServiceKey, ensureLeaf, type Subject } from './certificates.ts'
import type { Paths } from './paths.ts'
import type { Settings } from './settings.ts'

const authorities = ['server-ca', 'client-ca', 'request-header-ca', 'etcd/server-ca', 'etcd/peer-ca']

/** Files below `server/` that all servers of a cluster share: the bootstrap data. */
export const sharedFiles = [
  ...authorities.flatMap(name => [`tls/${name}.crt`, `tls/${name}.key`]),
  'tls/service.key',
  'cred/encryption-config.json',
  'cred/encryption-state.json',
]

/** Makes the cluster's authorities and its service account key, where they are missing. */
export async function createAuthorities(paths: Paths): Promise<void> {
  const made = String(Math.floor(Date.now() / 1000))
  await mkdir(join(paths.tls, 'etcd'), { recursive: true, mode: 0o700 })
  const missing = authorities.filter(name => !existsSync(join(paths.tls, `${name}.crt`)))
  const serviceKey = join(paths.tls, 'service.key')
  await Promise.all([
    ...missing.map(name => createAuthority(join(paths.tls, name), `rke2-${name.replace('/', '-')}@${made}`)),
    ...(existsSync(serviceKey) ? [] : [createServiceKey(serviceKey)]),
  ])
}

/** The addresses and names under which this server's API and supervisor can be reached. */
export function servingNames(settings: Settings): string[] {
  const domain = settings.shared['cluster-domain'] ?? 'cluster.local'
  const names = [
    'kubernetes',
    'kubernetes.default',
    'kubernetes.default.svc',
    `kubernetes.default.svc.${domain}`,
    'localhost',
    '127.0.0.1',
    '::1',
    hostname(),
    settings.nodeName,
    settings.nodeIp,
    ...settings.moreNodeIps,
    settings.advertiseAddress,
    ...settings.nodeExternalIps,
    firstServiceAddress(settings.shared['service-cidr'] ?? '10.43.0.0/16'),
    ...settings.tlsSan,
  ]
  return [...new Set(names)]
}

/** `10.43.0.0/16,…` → `10.43.0.1`: the address of the service `kubernetes`. */
export function firstServiceAddress(ranges: string): string {
  const first = parseRange(ranges.split(',')[0] ?? '')
  if (first === undefined) throw new Error(`not a range of services: ${ranges}`)
  return addressAt(first, 1)
}

function client(commonName: string, organization?: string): Subject {
  return { commonName, uses: ['clientAuth'], ...(organization === undefined ? {} : { organization }) }
}

/** Issues this server's own certificates, where they are missing, near their end or of another authority. */
export async function ensureServerCertificates(paths: Paths, settings: Settings): Promise<void> {
  const etcdNames = ['localhost', '127.0.0.1', settings.nodeIp, ...settings.moreNodeIps, hostname()]
  const leaves: [string, string, Subject][] = [
    ['client-admin', 'client-ca', client('system:admin', 'system:masters')],
    ['client-kube-apiserver', 'client-ca', client('system:apiserver', 'system:masters')],
    ['client-controller', 'client-ca', client('system:kube-controller-manager')],
    ['client-scheduler', 'client-ca', client('system:kube-scheduler')],
    ['client-auth-proxy', 'request-header-ca', client('system:auth-proxy')],
    [
      'serving-kube-apiserver',
      'server-ca',
      { commonName: 'kube-apiserver', uses: ['serverAuth'], names: servingNames(settings) },
    ],
    ['etcd/client', 'etcd/server-ca', client('etcd-client')],
    // etcd's JSON gateway calls etcd itself with the server's certificate.
    [
      'etcd/server-client',
      'etcd/server-ca',
      { commonName: 'etcd-server', uses: ['serverAuth', 'clientAuth'], names: etcdNames },
    ],
    [
      'etcd/peer-server-client',
      'etcd/peer-ca',
      { commonName: 'etcd-peer', uses: ['serverAuth', 'clientAuth'], names: etcdNames },
    ],
  ]
  await Promise.all(
    leaves.map(([name, authority, subject]) =>
      ensureLeaf(join(paths.tls, name), { stem: join(paths.tls, authority) }, subject),
    ),
  )
}
