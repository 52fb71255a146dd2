import { describe, expect, it } from 'vitest'
import { renderConfigEntries, renderConfigText } from './configEntries.ts'
import { findingsOf, specOf } from '../spec/file/written.fixture.ts'

const vars = (text: string) => specOf([`cluster_vars: { ${text} }`]).cluster_vars

describe('what people bring from their configuration of RKE2', () => {
  it.each([
    ['tls-san: a.example', 'tls-san: [a.example]'],
    ['tls-san: "a.example,b.example"', 'tls-san: [a.example, b.example]'],
    ['tls-san: ["a.example, b.example", c.example]', 'tls-san: [a.example, b.example, c.example]'],
    ['kubelet-arg: max-pods=200', 'kubelet-arg: [max-pods=200]'],
    ['node-label: a=b', 'node-label: [a=b]'],
    ['node-label: "a=b,c=d"', 'node-label: [a=b, c=d]'],
    ['node-taint: dedicated=db:NoSchedule', 'node-taint: ["dedicated=db:NoSchedule"]'],
    ['node-taint:', 'node-taint: []'],
    ['disable: rke2-ingress-nginx', 'disable: [rke2-ingress-nginx]'],
    ['cni: [multus, cilium]', 'cni: "multus,cilium"'],
    ['cni: [canal]', 'cni: canal'],
    ['cluster-cidr: [10.44.0.0/16]', 'cluster-cidr: 10.44.0.0/16'],
    ['cluster-dns: [10.43.0.20]', 'cluster-dns: 10.43.0.20'],
    ['write-kubeconfig-mode: 644', 'write-kubeconfig-mode: "0644"'],
    ['write-kubeconfig-mode: 0640', 'write-kubeconfig-mode: "0640"'],
    ['write-kubeconfig-mode: 0o600', 'write-kubeconfig-mode: "600"'],
    ['write-kubeconfig-mode: "640"', 'write-kubeconfig-mode: 0640'],
    ['disable-kube-proxy: yes', 'disable-kube-proxy: true'],
    ['disable-kube-proxy: On', 'disable-kube-proxy: "true"'],
    ['selinux: no', 'selinux: false'],
    ['debug: 1', 'debug: true'],
    ['etcd-snapshot-retention: "7"', 'etcd-snapshot-retention: 7'],
    ['lb-server-port: "16444"', 'lb-server-port: 16444'],
    ['extra: { etcd-s3: yes }', 'extra: { etcd-s3: true }'],
    ['extra: { etcd-s3: "off" }', 'extra: { etcd-s3: false }'],
  ])('%s is the same wish as %s', (one, other) => {
    expect(vars(one)).toEqual(vars(other))
  })

  it('keeps a comma in an argument of a component', () => {
    expect(vars('kubelet-arg: "eviction-hard=memory.available<5%,nodefs.available<5%"')?.['kubelet-arg']).toHaveLength(
      1,
    )
  })

  it('is written so that YAML 1.1 reads what was meant: modes and words in quotes', () => {
    const spec = specOf(['cluster_vars: { write-kubeconfig-mode: 0640, cluster-domain: on.example, debug: yes }'])
    const [node] = spec.nodes
    if (!node) throw new Error('no node')
    const text = renderConfigText(
      renderConfigEntries({ cluster: spec, node, kind: 'initial', token: 't', agentToken: 'a' }),
    )
    expect(text).toContain('write-kubeconfig-mode: "0640"\n')
    expect(text).toContain('cluster-domain: "on.example"\n')
    expect(text).toContain('debug: true\n')
  })

  it.each([
    ['write-kubeconfig-mode: 888', 'found "888"'],
    ['write-kubeconfig-mode: "rw-r--r--"', '"0640"'],
    ['selinux: maybe', 'Write true or false.'],
    ['etcd-snapshot-retention: 010', 'not a whole number'],
    ['etcd-snapshot-retention: "many"', 'not a whole number'],
    ['etcd-snapshot-retention: 5000', 'at most 1000'],
    ['kubelet-arg: { max-pods: 200 }', 'a list or a text is needed'],
    ['node-label: 5', 'a list or a text is needed'],
  ])('%s is refused once, at its place', (text, message) => {
    const found = findingsOf([`cluster_vars: { ${text} }`])
    expect(found).toHaveLength(1)
    expect(found[0]).toContain(`spec.cluster_vars.${text.slice(0, text.indexOf(':'))}: `)
    expect(found[0]).toContain(message)
  })

  it('takes the same forms for the keys of a node, and for switches outside of the variables', () => {
    const [node] = specOf(
      [],
      [
        '{ hostname: m1, internal_ip: 10.0.0.1, role: initial_master, use_external_ip: no, ssh: { sudo: yes }, node_vars: { node-label: tier=db } }',
      ],
    ).nodes
    expect(node).toMatchObject({
      use_external_ip: false,
      ssh: { sudo: true },
      node_vars: { 'node-label': ['tier=db'] },
    })
  })
})
