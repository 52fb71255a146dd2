import { describe, expect, it } from 'vitest'
import type { Machine } from './host.ts'
import { refusalOf } from './refusal-of.ts'

// What is marked as observed was seen on RKE2's own server code (v1.34.3+rke2r1). What Kubernetes' programs refuse is
// theirs: each case names the program.

const version = 'v1.34.3+rke2r1'
const machine: Machine = { addresses: ['127.0.0.1', '::1', '10.0.0.11', 'fd00::11'], primary: ['10.0.0.11'] }
const dual: Machine = { ...machine, primary: ['10.0.0.11', 'fd00::11'] }
const server = (text: string, on = machine, of = version) => refusalOf('server', text, of, on)
const agent = (text: string, on = machine) =>
  refusalOf('agent', `server: https://10.0.0.1:9345\ntoken: secret\n${text}`, version, on)
const said = (refused: ReturnType<typeof refusalOf>) =>
  refused === undefined ? 'taken' : `${refused.by}: ${refused.message}`

describe('what RKE2 ends for (observed)', () => {
  it.each([
    ['cluster-dns: 10.99.0.10', 'invalid cluster-dns address 10.99.0.10'],
    ['cluster-dns: nameserver', 'invalid cluster-dns address nameserver'],
    ['service-cidr: 10.96.0.0/12\ncluster-dns: 10.43.0.10', 'invalid cluster-dns address 10.43.0.10'],
    ['cluster-cidr: 10.42.0.0', 'invalid cluster-cidr 10.42.0.0'],
    ['cluster-cidr: 10.42.0.0/48', 'invalid cluster-cidr 10.42.0.0/48'],
    ['cluster-cidr: 999.1.1.1/16', 'invalid cluster-cidr 999.1.1.1/16'],
    ['cluster-cidr: 10.42.0.0/16,', 'invalid cluster-cidr '],
    ['cluster-cidr: 10.42.0.0/16, 10.44.0.0/16', 'invalid cluster-cidr  10.44.0.0/16'],
    ['service-cidr: 10.43.0.0/-1', 'invalid service-cidr 10.43.0.0/-1'],
    ['service-cidr: 10.43.0.0/30', 'at least 8 IP addresses'],
    ['service-cidr: 10.43.0.0/29', 'cannot configure default cluster-dns address'],
    ['service-node-port-range: 32767-30000', 'invalid port range'],
    ['service-node-port-range: a-b', 'invalid port range'],
    ['service-node-port-range: 30000-70000', 'greater than 65535'],
    ['egress-selector-mode: direct', 'invalid egress-selector-mode direct'],
    ['ingress-controller: nginx', 'Invalid value nginx for --ingress-controller flag'],
    ['profile: cis-1.23', 'invalid value provided for --profile flag'],
    [
      'cloud-provider-name: external\nnode-external-ip: 192.0.2.1',
      "can't set node-external-ip while using cloud provider",
    ],
    ['token: abcdef.0123456789abcdef', 'failed to normalize server token'],
    ['cni: cilum', 'Invalid value cilum for --cni flag'],
    ['cni: multus', 'multus must be used alongside'],
    ['cni: [canal, cilium]', 'may only provide multiple values'],
    ['server: http://10.0.0.1:9345', 'only https:// URLs are supported'],
    ['selinux: perhaps', 'invalid boolean value "perhaps"'],
    ['etcd-snapshot-retention: many', 'invalid value "many"'],
    ['etcd-s3-timeout: soon', 'invalid value "soon"'],
    ['etcd-s3-retention: few', 'invalid value "few" for flag -etcd-s3-retention'],
    ['etcd-snapshot-reconcile-interval: often', 'invalid value "often" for flag -etcd-snapshot-reconcile-interval'],
    [
      'node-name-from-cloud-provider-metadata: aws',
      'invalid boolean value "aws" for -node-name-from-cloud-provider-metadata',
    ],
    ['node-ip: 10.0.0.300', "invalid node-ip: invalid ip format '10.0.0.300'"],
    ['node-external-ip: host', "invalid node-external-ip: invalid ip format 'host'"],
    ['token: "open', 'failed to read config file config.yaml'],
  ])('%s', (text, message) => {
    const refused = server(text)
    expect(refused?.message ?? 'taken').toContain(message)
    expect(refused?.by).toBe('rke2')
  })

  it('families of ranges and of the node that are not the same', () => {
    const differ = 'must share the same IP version'
    expect(said(server('cluster-cidr: 10.42.0.0/16,2001:db8:42::/56'))).toContain(differ)
    expect(
      said(server('cluster-cidr: 10.42.0.0/16,2001:db8:42::/56\nservice-cidr: 10.43.0.0/16,fd00:43::/112')),
    ).toContain(differ)
    expect(said(server('cluster-cidr: fd00:42::/56'))).toContain(differ)
    expect(said(server('node-ip: fd00::11\ncluster-cidr: 10.42.0.0/16\nservice-cidr: 10.43.0.0/16'))).toContain(differ)
    expect(
      said(server('cluster-cidr: fd00:42::/56,10.42.0.0/16\nservice-cidr: 10.43.0.0/16,fd00:43::/112', dual)),
    ).toContain(differ)
  })

  it('missing control group controllers', () => {
    expect(said(server('', { ...machine, controllers: ['memory', 'pids'] }))).toContain(
      'failed to find cpu cgroup (v2)',
    )
    expect(said(agent('', { ...machine, controllers: ['cpu', 'memory'] }))).toContain('failed to find pids cgroup (v2)')
    expect(said(agent('', { ...machine, controllers: ['cpu', 'pids'] }))).toBe('taken')
  })

  it('a machine that is not prepared for the CIS profile: user and group on servers only, parameters on all', () => {
    const parameters = new Map([
      ['vm.panic_on_oom', '0'],
      ['vm.overcommit_memory', '1'],
      ['kernel.panic', '10'],
      ['kernel.panic_on_oops', '1'],
    ])
    const bare = { users: ['root'], groups: ['root'], parameters: new Map<string, string>() }
    const on = (more: object): Machine => ({ ...machine, preparation: { ...bare, ...more } })
    expect(said(server('profile: cis', on({})))).toContain('invalid kernel parameter value')
    expect(said(agent('profile: cis', on({})))).toContain('invalid kernel parameter value')
    expect(said(server('profile: cis', on({ parameters })))).toContain('unknown user etcd')
    expect(said(server('profile: cis', on({ parameters, users: ['etcd'] })))).toContain('unknown group etcd')
    expect(said(server('profile: etcd', on({})))).toContain('unknown user etcd')
    expect(said(server('profile: cis', on({ parameters, users: ['etcd'], groups: ['etcd'] })))).toBe('taken')
    expect(said(agent('profile: cis', on({ parameters })))).toBe('taken')
    expect(said(agent('profile: etcd', on({})))).toBe('taken')
    expect(said(agent('profile: cis\nprotect-kernel-defaults: false'))).toContain(
      '--protect-kernel-defaults must be true when using --profile=cis',
    )
  })
})

describe("what Kubernetes' programs end for", () => {
  it.each([
    ['node-label: [node-role.kubernetes.io/worker=true]', 'kubelet', "unknown 'kubernetes.io' or 'k8s.io' labels"],
    ['node-label: [example.k8s.io/a=b]', 'kubelet', "unknown 'kubernetes.io' or 'k8s.io' labels"],
    ['node-label: ["not a label"]', 'kubelet', 'invalid node labels'],
    ['node-label: [a=b=c]', 'kubelet', 'invalid node labels'],
    [`node-label: [a=${'x'.repeat(64)}]`, 'kubelet', 'invalid node labels'],
    ['node-taint: [a=b]', 'kubelet', 'invalid taint effect'],
    ['node-taint: [a=b:Sometimes]', 'kubelet', 'invalid taint effect'],
    ['node-taint: ["a=b=c:NoSchedule"]', 'kubelet', 'invalid taint spec'],
    ['node-taint: ["a=b:NoSchedule", "a=c:NoSchedule"]', 'kubelet', 'duplicated taints'],
    ['node-name: node_1', 'kubelet', 'metadata.name'],
    ['node-ip: 10.0.0.99', 'kubelet', "not found in the host's network interfaces"],
    ['node-ip: 127.0.0.1', 'kubelet', "nodeIP can't be loopback address"],
    ['node-ip: 10.0.0.11,127.0.0.1', 'kubelet', 'must contain either a single IP or a dual-stack pair of IPs'],
    ['service-cidr: 10.43.0.0/16,10.44.0.0/16', 'kube-apiserver', 'must be of different IP family'],
    ['advertise-address: a', 'kube-apiserver', 'failed to parse IP'],
    ['cluster-cidr: 10.42.0.0/28', 'kube-controller-manager', 'Invalid --cluster-cidr, mask size'],
    [
      'kube-controller-manager-arg: [--node-cidr-mask-size-ipv4=25, node-cidr-mask-size-ipv4=12]',
      'kube-controller-manager',
      'Invalid --cluster-cidr, mask size',
    ],
    [
      'kube-controller-manager-arg: [node-cidr-mask-size-ipv6=80]',
      'kube-controller-manager',
      'usage of --node-cidr-mask-size-ipv6 is not allowed for a single-stack IPv4 cluster',
    ],
    ['cluster-cidr: 10.42.0.0/16,10.44.0.0/16', 'kube-controller-manager', 'not configured as dual stack'],
  ])('%s: %s', (text, by, message) => {
    const refused = server(text)
    expect(refused?.message ?? 'taken').toContain(message)
    expect(refused?.by).toBe(by)
  })

  it('service ranges that are too large, before 1.34', () => {
    const both = 'cluster-cidr: 10.42.0.0/16,fd00:42::/56\nservice-cidr: 10.43.0.0/16,fd00::/64'
    expect(said(server('service-cidr: 10.0.0.0/11', machine, 'v1.33.5+rke2r1'))).toContain('the mask must be >= 12')
    expect(said(server('service-cidr: 10.0.0.0/12', machine, 'v1.33.5+rke2r1'))).toBe('taken')
    expect(said(server(both, dual, 'v1.33.5+rke2r1'))).toContain('the mask must be >= 108')
    expect(said(server(both, dual, 'v1.34.1+rke2r1'))).toBe('taken')
  })

  it('pod ranges of IPv6 that hold no node, or too many', () => {
    const of = (range: string) => server(`node-ip: fd00::11\ncluster-cidr: ${range}\nservice-cidr: fd00:43::/112`)
    expect(said(of('fd00:42::/108'))).toContain('mask size of cluster CIDR')
    expect(said(of('fd00:42::/47'))).toContain('the node CIDR size is too big')
    expect(said(of('fd00:42::/48'))).toBe('taken')
    expect(
      said(
        server(
          'node-ip: fd00::11\ncluster-cidr: fd00:42::/108\nservice-cidr: fd00:43::/112\nkube-controller-manager-arg: [node-cidr-mask-size-ipv6=120]',
        ),
      ),
    ).toBe('taken')
  })

  it('an order of node-ip whose first family is not that of the services', () => {
    const ranges = 'cluster-cidr: 10.42.0.0/16,fd00:42::/56\nservice-cidr: 10.43.0.0/16,fd00:43::/112'
    expect(said(server(`${ranges}\nnode-ip: fd00::11,10.0.0.11`))).toContain('must match public address family')
    expect(said(server(`${ranges}\nnode-ip: 10.0.0.11,fd00::11`))).toBe('taken')
    const outside = `${ranges}\nnode-ip: 10.0.0.11,fd00::11\nnode-external-ip: 2001:db8::11`
    expect(said(server(outside))).toContain('must match public address family "2001:db8::11"')
    expect(said(server(`${outside}\nadvertise-address: 10.0.0.11`))).toBe('taken')
  })
})

describe('what is taken', () => {
  it.each([
    '',
    'profile: cis',
    'node-label: [node.kubernetes.io/pool=a, topology.kubernetes.io/zone=b, example.com/pool=a, pool]',
    'node-taint: ["a=b:NoSchedule", "a=b:NoExecute", "CriticalAddonsOnly:NoSchedule"]',
    'cni: none',
    'cni: [multus, cilium]',
    'cni: multus,canal',
    'ingress-controller: [traefik, ingress-nginx]',
    'ingress-controller: none',
    'service-node-port-range: 30000+100',
    'service-node-port-range: 8080',
    'cluster-cidr: 10.42.7.7/16',
    'cluster-cidr: 10.42.0.0/28\nkube-controller-manager-arg: allocate-node-cidrs=false',
    'profile: cis\nprotect-kernel-defaults: true',
    'profile: etcd\nprotect-kernel-defaults: false',
    // A value that is no text is taken as one.
    'kubelet-arg: [max-pods: 200]',
    'service-cidr: 10.96.0.0/12\ncluster-dns: 10.96.0.53',
    'node-ip: 10.0.0.11',
    'node-ip: fd00::11',
    'selinux: yes',
    // Observed: the server starts, and no snapshot is ever taken.
    'etcd-snapshot-schedule-cron: "0 */12 * *"',
    'etcd-snapshot-dir: /nowhere',
    // Observed: it goes by the password in it, even with the hash of another CA.
    `token: K10${'a'.repeat(64)}::server:secret`,
    'no-such-option: 1',
    'etcd-s3-bucket-lookup-type: dns',
    'etcd-s3-retention: 3',
    'etcd-snapshot-reconcile-interval: 10m',
    'node-name-from-cloud-provider-metadata: true',
  ])('%s', text => {
    expect(said(server(text))).toBe('taken')
  })

  it('two families, by name or by what the machine has, and IPv6 alone', () => {
    const ranges = 'cluster-cidr: 10.42.0.0/16,fd00:42::/56\nservice-cidr: 10.43.0.0/16,fd00:43::/112'
    expect(said(server(`${ranges}\nnode-ip: [10.0.0.11, "fd00::11"]`))).toBe('taken')
    expect(said(server(ranges, dual))).toBe('taken')
    expect(said(server('', { addresses: ['fd00::11'], primary: ['fd00::11'] }))).toBe('taken')
  })

  it('profiles with a number, before 1.30', () => {
    expect(said(server('profile: cis-1.23', machine, 'v1.29.9+rke2r1'))).toBe('taken')
    expect(said(server('profile: cis-1.6', machine, 'v1.29.9+rke2r1'))).toContain('--profile')
  })
})

describe('an agent', () => {
  it('needs a server and a token, and knows no option of servers', () => {
    expect(said(refusalOf('agent', 'token: secret', version, machine))).toContain('--server is required')
    expect(said(refusalOf('agent', 'server: https://10.0.0.1:9345', version, machine))).toContain('--token is required')
    expect(said(agent('cluster-cidr: nonsense'))).toBe('taken')
    expect(said(agent('node-ip: 10.0.0.99'))).toContain('not found in the host')
    expect(said(agent('node-ip: 10.0.0.99', {}))).toBe('taken')
  })
})
