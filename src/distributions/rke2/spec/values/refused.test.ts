import { describe, expect, it } from 'vitest'
import { findingsOf } from '../file/written.fixture.ts'

const found = (text: string) => findingsOf([`cluster_vars: { ${text} }`])

describe('values that RKE2 takes', () => {
  it.each([
    'node-label: ["tier=", example.com/tier=web, node.kubernetes.io/pool=a, topology.kubernetes.io/zone=z1, kubelet.kubernetes.io/x=1]',
    `node-label: [a=${'x'.repeat(63)}]`,
    'node-taint: ["a:NoExecute", "example.com/a=b:PreferNoSchedule", "node-role.kubernetes.io/control-plane=true:NoSchedule"]',
    'etcd-snapshot-schedule-cron: "0 */12 * * *"',
    'etcd-snapshot-schedule-cron: "30 2 ? JAN-mar,dec MON-FRI"',
    'etcd-snapshot-schedule-cron: "1,2-5/2,50/5 0 1 1 0"',
    'etcd-snapshot-schedule-cron: "0 3 29 2 *"',
    'etcd-snapshot-schedule-cron: "0 3 31 2 MON"',
    'etcd-snapshot-schedule-cron: "@every 1h30m"',
    'etcd-snapshot-schedule-cron: "@daily"',
    'etcd-snapshot-schedule-cron: "CRON_TZ=Europe/Berlin 0 3 * * *"',
    'etcd-snapshot-schedule-cron: "TZ=UTC @hourly"',
    'tls-san: [api.example.com, 10.0.0.5, "fd00::5", "*.example.com", under_score.example, API.Example.COM]',
    'cni: none',
    'cni: [multus, canal]',
    'ingress-controller: [traefik, ingress-nginx]',
    'service-node-port-range: 30000-32767',
    'service-node-port-range: 31000+100',
    'cluster-domain: k8s.example.com',
    'system-default-registry: registry.example.com:5000',
    'egress-selector-mode: cluster',
  ])('%s', text => {
    expect(found(text)).toEqual([])
  })
})

describe('values that RKE2 refuses, or with which it never does what was meant', () => {
  it.each([
    ['node-label: [node-role.kubernetes.io/worker=true]', 'Kubernetes lets no node give itself the label'],
    ['node-label: kubernetes.io/role=worker', 'like example.com/role'],
    ['node-label: [k8s.io/a=b]', 'kubelet ends'],
    ['node-label: [tier]', 'key=value'],
    [`node-label: [a=${'x'.repeat(64)}]`, 'at most 63'],
    ['node-label: [a=-b]', 'begins and ends'],
    ['node-label: [Example.com/a=b]', 'key of a label'],
    ['node-label: [a/b/c=d]', 'key of a label'],
    ['extra: { node-label+: [node-role.kubernetes.io/worker=true] }', 'lets no node'],
    ['node-taint: [a=b]', 'key=value:Effect'],
    ['node-taint: ["a=b:NoStart"]', 'NoExecute'],
    ['node-taint: ["a=b c:NoSchedule"]', 'value of a taint'],
    ['etcd-snapshot-schedule-cron: \'"0 */12 * * *"\'', 'quotation marks'],
    ['etcd-snapshot-schedule-cron: "0 0 */12 * * *"', 'five fields, 6'],
    ['etcd-snapshot-schedule-cron: "0 */12 * *"', 'five fields, 4'],
    ['etcd-snapshot-schedule-cron: "TZ=UTC 0 */12 * *"', 'five fields, 4'],
    ['etcd-snapshot-schedule-cron: "*/5"', 'five fields, 1'],
    ['etcd-snapshot-schedule-cron: daily', 'five fields, 1'],
    ['etcd-snapshot-schedule-cron: "0 3 31 2 *"', 'no day of any year'],
    ['etcd-snapshot-schedule-cron: "0 3 31 4,6,9,11 ?"', 'no day of any year'],
    ['etcd-snapshot-schedule-cron: "CRON_TZ=UTC 0 3 30 feb *"', 'no day of any year'],
    ['etcd-snapshot-schedule-cron: "@dayly"', '@daily'],
    ['etcd-snapshot-schedule-cron: "@every 1 day"', 'length of time'],
    ['etcd-snapshot-schedule-cron: "0 24 * * *"', 'values go from 0 to 23'],
    ['etcd-snapshot-schedule-cron: "0 5-3 * * *"', 'ends before it begins'],
    ['etcd-snapshot-schedule-cron: "*/0 * * * *"', 'step'],
    ['etcd-snapshot-schedule-cron: "0 0 * * 7"', 'from 0 to 6'],
    ['etcd-snapshot-schedule-cron: "TZ=Mars/Base 0 0 * * *"', 'time zone'],
    ['tls-san: [https://a.example]', 'Write a.example alone'],
    ['tls-san: "a.example:6443"', 'Write a.example alone'],
    ['tls-san: 10.0.0.0/24', 'no range'],
    ['tls-san: [10.0.0.300]', 'host name or an address'],
    ['tls-san: ["a b"]', 'host name or an address'],
    ['cni: cilum', 'did you mean cilium?'],
    ['cni: multus', 'exactly one other'],
    ['cni: [canal, multus]', 'cni: [multus, canal]'],
    ['cni: "calico,cilium"', 'one network plugin'],
    ['cni: weave', 'Allowed: canal'],
    ['ingress-controller: nginx', 'ingress-nginx'],
    ['service-node-port-range: 32767-30000', 'lower one first'],
    ['service-node-port-range: "0-70000"', 'within 1 and 65535'],
    ['egress-selector-mode: direct', 'Allowed: disabled'],
    ['cluster-domain: cluster.local.', 'without a dot'],
    ['cluster-domain: https://x', 'like cluster.local'],
    ['system-default-registry: https://registry.example.com', 'Write registry.example.com.'],
    ['system-default-registry: registry.example.com/mirror', 'no path'],
    ['extra: { etcd-s3-timeout: soon }', 'like 30s'],
    ['extra: { etcd-s3: perhaps }', 'true or false'],
    ['extra: { etcd-s3-retention: many }', 'in digits'],
    ['resolv-conf: etc/resolv.conf', 'absolute path'],
  ])('%s', (text, message) => {
    const all = found(text)
    expect(all).toHaveLength(1)
    expect(all[0]).toContain(message)
  })

  it.each([
    ['no_proxy: ["10.0.0.11;10.0.0.12"]', 'no_proxy: [10.0.0.11, 10.0.0.12]'],
    ['no_proxy: [http://intern.example]', 'Write intern.example alone'],
    ['no_proxy: [10.0.0.0/99]', 'like 10.0.0.0/8'],
    ['no_proxy: [10.0.0.]', 'like 10.0.0.0/8'],
    ['no_proxy: ["a.example b.example"]', 'no_proxy: [a.example, b.example]'],
  ])('proxy: { %s }', (text, message) => {
    const all = findingsOf([`proxy: { http_proxy: http://proxy:3128, ${text} }`]).filter(
      one => !one.includes('no-proxy-incomplete'),
    )
    expect(all).toHaveLength(1)
    expect(all[0]).toContain(message)
  })

  it('no_proxy may be one text with commas, as the variable itself is', () => {
    expect(
      findingsOf(['proxy: { http_proxy: http://proxy:3128, no_proxy: "10.0.0.0/8,.svc,*.example.com,[fd00::1]:443" }']),
    ).toEqual([])
  })
})

describe('keys that depend on the version or on each other', () => {
  it('cis-1.23 is a profile before v1.30 only', () => {
    const cis = 'cluster_vars: { profile: cis-1.23 }'
    expect(findingsOf([cis]).join()).toContain('Write profile: cis.')
    expect(findingsOf([cis, 'version: v1.30.0+rke2r1'])).toHaveLength(1)
    expect(findingsOf([cis, 'version: v1.29.15+rke2r1'])).toEqual([])
  })
  it('the profile cis needs the protection of kernel settings', () => {
    expect(findingsOf(['cluster_vars: { profile: cis, protect-kernel-defaults: no }'])).toHaveLength(1)
    expect(findingsOf(['cluster_vars: { profile: cis, protect-kernel-defaults: yes }'])).toEqual([])
  })
  it.each([
    'service-node-port-range: 2000-40000',
    'service-node-port-range: 10250-10260',
    'lb-server-port: 9346',
    'lb-server-port: 30001',
    'lb-server-port: 1',
  ])('ports that RKE2 needs itself are not given away: %s', text => expect(found(text)).toHaveLength(1))
})
