import fc from 'fast-check'
import { readRke2File } from '../../src/distributions/rke2/spec/file/written.fixture.ts'
import { describe, expect, it } from 'vitest'
import { refusalsOf } from './planted/refusals.ts'

// What `slipway validate` accepts, RKE2 starts with: two entries of one book, written apart from each other. The files
// are right and wrong at random; whatever passes the one is put through the other, as Slipway renders it.

const read = (file: object) => readRke2File(new TextEncoder().encode(JSON.stringify(file)), 'c.yaml')

/** Values of one key, right ones and wrong ones; some of them a list, some alone. */
const oneOrMany = <Value>(values: fc.Arbitrary<Value>) => fc.oneof(values, fc.array(values, { maxLength: 3 }))
const words = (text: string) => fc.constantFrom(...text.split(' '))
const range4 = fc
  .tuple(
    fc.constantFrom('10.42', '10.43', '10.44', '172.16', '10.0', '127.0', '999.1', '192.168'),
    fc.constantFrom(8, 12, 16, 17, 20, 22, 24, 25, 28, 29, 30, 32, 33, 48),
  )
  .map(([net, bits]) => `${net}.0.0/${bits}`)
const range6 = fc
  .tuple(
    words('fd00:42:: fd00:43:: 2001:db8:: ff00:: fd00::'),
    fc.constantFrom(32, 40, 48, 56, 64, 96, 108, 112, 120, 125, 129),
  )
  .map(([net, bits]) => `${net}/${bits}`)
const ranges = fc.oneof(
  range4,
  range6,
  fc.tuple(range4, range6).map(pair => pair.join(',')),
  fc.tuple(range6, range4).map(pair => pair.join(', ')),
  fc.array(fc.oneof(range4, range6), { minLength: 1, maxLength: 3 }),
  fc.constantFrom('x', '', '10.42.0.0'),
)
const goodDual = fc.constant({
  'cluster-cidr': '10.42.0.0/16,fd00:42::/56',
  'service-cidr': '10.43.0.0/16,fd00:43::/112',
})
const labels = fc.oneof(
  words('a=b a= =b a tier=web,x=y example.com/a=b Example.com/a=b node.kubernetes.io/x=y kubernetes.io/os=linux'),
  words(
    'node-role.kubernetes.io/worker=true k8s.io/x=y a/b/c=d a=-b a==b x.kubelet.kubernetes.io/q=1 topology.kubernetes.io/zone=a',
  ),
  fc.tuple(fc.stringMatching(/^[\w./-]{1,70}$/), fc.stringMatching(/^[\w.-]{0,70}$/)).map(pair => pair.join('=')),
)
const taints = fc.oneof(
  words(
    'a=b:NoSchedule a:NoExecute a=b a=b:Never :NoSchedule a=:PreferNoSchedule a=b:NoSchedule,c:NoExecute x/y=z:NoExecute',
  ),
  fc.stringMatching(/^[\w./=-]{1,20}:(NoSchedule|NoExecute|x)$/),
)
const schedules = fc.oneof(
  fc.constantFrom(
    '0 */12 * * *',
    '@daily',
    '@every 1h30m',
    '@every x',
    '"0 0 * * *"',
    '0 0 * * 7',
    'TZ=UTC 0 0 * * *',
    'TZ=Europe/berlin @daily',
    'x',
    '0 0 ? jan-dec MON',
  ),
  fc
    .array(words('* 0 5 1-5 */2 60 ? 1,2 mon jan 5-1 1/2 x'), { minLength: 4, maxLength: 6 })
    .map(fields => fields.join(' ')),
)
const shared = fc.record(
  {
    'cluster-cidr': ranges,
    'service-cidr': ranges,
    'cluster-dns': oneOrMany(
      words('10.43.0.10 10.43.0.1 10.44.0.10 fd00:43::a 10.43.255.255 x fd00:43::1 172.16.0.10'),
    ),
    'cluster-domain': words('cluster.local k8s.example.com Cluster.local -x x. a_b 10.0.0.1'),
    cni: fc.oneof(
      words('canal calico cilium flannel none multus multus,cilium cilum'),
      fc.array(words('multus canal cilium none'), { maxLength: 3 }),
    ),
    'ingress-controller': oneOrMany(words('ingress-nginx traefik none nginx')),
    'egress-selector-mode': words('agent pod cluster disabled direct'),
    'service-node-port-range': words('30000-32767 32767-30000 1-100 30000+100 31000 x 30000-70000 9000-9400 0-5'),
    'disable-kube-proxy': fc.oneof(fc.boolean(), words('yes no on maybe true False 1')),
    disable: oneOrMany(words('rke2-ingress-nginx rke2-metrics-server,rke2-snapshot-controller')),
  },
  { requiredKeys: [] },
)
const perNode = fc.record(
  {
    'node-label': oneOrMany(labels),
    'node-taint': oneOrMany(taints),
    'tls-san': oneOrMany(
      words('a.example 10.0.0.5 fd00::5 https://a.example a.example:6443 *.example.com a,b 10.0.0.0/8'),
    ),
    'write-kubeconfig-mode': fc.constantFrom<string | number>(644, 640, '0640', '600', 888, '0o600', 'rw', 4755),
    profile: words('cis cis-1.23 etcd cis-1.6 x'),
    'protect-kernel-defaults': fc.oneof(fc.boolean(), words('on off')),
    selinux: fc.oneof(fc.boolean(), words('yes true perhaps')),
    'etcd-snapshot-schedule-cron': schedules,
    'etcd-snapshot-retention': fc.oneof(fc.integer({ min: -1, max: 10 }), words('5 many 007')),
    'etcd-snapshot-compress': fc.oneof(fc.boolean(), words('y n')),
    'bind-address': words('0.0.0.0 :: 10.0.0.1 127.0.0.1 x'),
    'advertise-address': words('10.0.0.1 fd00::1 127.0.0.1 x'),
    'lb-server-port': fc.oneof(fc.constantFrom(6444, 6443, 16444, 9346, 0, 30001), words('7000 x')),
    'cloud-provider-name': words('external aws rancher-vsphere'),
    'system-default-registry': words('r.example r.example:5000 https://r.example r.example/x'),
    'kubelet-arg': oneOrMany(words('max-pods=200 v=4')),
    'kube-controller-manager-arg': oneOrMany(
      words(
        'node-cidr-mask-size-ipv4=25 node-cidr-mask-size-ipv6=112 node-cidr-mask-size=20 v=2 --node-cidr-mask-size-ipv4=26 allocate-node-cidrs=false',
      ),
    ),
    extra: fc.record(
      {
        'node-label+': oneOrMany(labels),
        'node-taint+': oneOrMany(taints),
        'kube-controller-manager-arg+': words('node-cidr-mask-size-ipv4=12 node-cidr-mask-size-ipv4=25 v=2'),
        'profile+': words('cis cis-1.23'),
        'cloud-provider-config': words('/etc/cloud.conf'),
        'etcd-s3': fc.oneof(fc.boolean(), words('yes off')),
        'etcd-s3-timeout': words('5m soon'),
        'disable-scheduler': words('no off'),
      },
      { requiredKeys: [] },
    ),
  },
  { requiredKeys: [] },
)
/** A few keys of many: with all of them hardly a file would be right. */
const few = <Value extends object>(whole: fc.Arbitrary<Value>) =>
  fc.tuple(whole, fc.array(fc.nat(), { minLength: 1, maxLength: 4 })).map(([all, picks]) => {
    const keys = Object.keys(all)
    const chosen = new Set(picks.map(pick => keys[pick % Math.max(1, keys.length)]))
    return Object.fromEntries(Object.entries(all).filter(([key]) => chosen.has(key)))
  })

const addresses = fc.constantFrom(
  { suffix: (last: number) => `10.0.0.${last}` },
  { suffix: (last: number) => `10.0.0.${last},fd00::${last}` },
  { suffix: (last: number) => `fd00::${last},10.0.0.${last}` },
  { suffix: (last: number) => `fd00::${last}` },
  { suffix: (last: number) => `10.42.0.${last}` },
)
const files = fc
  .record({
    version: fc.constantFrom('v1.28.15+rke2r1', 'v1.29.9+rke2r1', 'v1.30.0+rke2r1', 'v1.34.1+rke2r1', 'v1.35.0+rke2r1'),
    dual: fc.oneof({ weight: 3, arbitrary: fc.constant({}) }, goodDual),
    cluster: few(shared),
    all: few(perNode),
    own: fc.oneof(fc.constant({}), few(perNode)),
    addresses,
    external: fc.constantFrom(undefined, undefined, undefined, '192.0.2.1', '192.0.2.1,2001:db8:1::1', '2001:db8:1::1'),
    api_endpoint: fc.constantFrom(undefined, undefined, 'api.example.com', '10.0.0.100', '10.43.0.1'),
  })
  .map(one => ({
    apiVersion: 'slipway/v1',
    kind: 'Cluster',
    metadata: { name: 'demo' },
    spec: {
      distribution: 'rke2',
      version: one.version,
      api_endpoint: one.api_endpoint,
      cluster_vars: { ...one.dual, ...one.cluster, ...one.all },
      nodes: ['initial_master', 'master', 'worker', 'master'].map((role, index) => ({
        hostname: `n${index + 1}`,
        internal_ip: one.addresses.suffix(index + 1),
        ...(index === 0 && { external_ip: one.external, node_vars: one.own }),
        role,
      })),
    },
  }))

type RandomFile = typeof files extends fc.Arbitrary<infer File> ? File : never

/** The file without what its findings name: what is left is right more often than chance would make it. */
function without(file: RandomFile, paths: readonly string[]): RandomFile {
  const kept = (vars: object, prefix: string) =>
    Object.fromEntries(Object.entries(vars).filter(([key]) => !paths.some(path => path.startsWith(`${prefix}.${key}`))))
  const named = (path: string) => paths.some(other => other.startsWith(path))
  const { cluster_vars, nodes, api_endpoint, ...rest } = file.spec
  const ranged = new Set(['cluster-cidr', 'service-cidr', 'cluster-dns'])
  const apart = Object.fromEntries(Object.entries(cluster_vars).filter(([key]) => !ranged.has(key)))
  return {
    ...file,
    spec: {
      ...rest,
      api_endpoint: named('spec.api_endpoint') ? undefined : api_endpoint,
      cluster_vars: kept(
        nodes.some((_, index) => named(`spec.nodes[${index}].internal_ip`)) ? apart : cluster_vars,
        'spec.cluster_vars',
      ),
      nodes: nodes.map((node, index) => ({
        ...node,
        ...(named(`spec.nodes[${index}].external_ip`) && { external_ip: undefined }),
        ...(node.node_vars && { node_vars: kept(node.node_vars, `spec.nodes[${index}].node_vars`) }),
      })),
    },
  }
}

describe('whatever validate accepts, RKE2 starts with', () => {
  it('files that are right and wrong at random', () => {
    let accepted = 0
    fc.assert(
      fc.property(files, file => {
        let reading = read(file)
        for (let again = 0; !reading.ok && again < 2; again++) {
          file = without(
            file,
            reading.findings.map(({ place }) => place?.path ?? ''),
          )
          reading = read(file)
        }
        if (!reading.ok) return
        accepted++
        expect(refusalsOf(reading.file.spec)).toEqual([])
      }),
      { numRuns: 120 },
    )
    expect(accepted).toBeGreaterThan(40)
  })
})
