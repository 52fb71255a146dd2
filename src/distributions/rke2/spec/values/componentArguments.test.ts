import { describe, expect, it } from 'vitest'
import { findingsOf } from '../file/written.fixture.ts'

const found = (key: string, item: string) => findingsOf([`cluster_vars: { ${key}: [${JSON.stringify(item)}] }`])

describe('a secret in the argument of a component', () => {
  it.each([
    ['kube-apiserver-arg', 'oidc-client-secret=hunter1'],
    ['kube-apiserver-arg', '--oidc-client-secret=hunter1'],
    ['kube-apiserver-arg', '--oidc-client-secret hunter1'],
    ['kube-apiserver-arg', 'etcd-servers=http://u:hunter2@h'],
    ['kube-apiserver-arg', '--audit-webhook=https://hunter2@h/x'],
    ['kube-controller-manager-arg', 'cloud-password=hunter3'],
    ['kubelet-arg', 'some-api-key=/hunter/K7MDENG/bPxRfiCYEXAMPLEKEY'],
    ['etcd-arg', 'discovery-proxy=bob:hunter2@proxy:3128'],
    ['extra', 'cloud-token=hunter4'],
  ])('%s: %s is refused and not repeated', (key, item) => {
    const lists = key === 'extra' ? ['kubelet-arg+', 'kube-cloud-controller-manager-arg'] : [key]
    for (const list of lists) {
      const all =
        key === 'extra'
          ? findingsOf([`cluster_vars: { extra: { ${list}: [${JSON.stringify(item)}] } }`])
          : found(list, item)
      expect(all).toEqual([expect.stringContaining('stored and shown in clear')])
      expect(all[0]).toContain(`spec.cluster_vars.${key === 'extra' ? 'extra.' : ''}`)
      expect(all[0]).not.toContain('hunter')
    }
  })

  it('is refused in the variables of a node, and as one text in place of a list', () => {
    const node =
      '{ hostname: m1, internal_ip: 10.0.0.1, role: initial_master, node_vars: { kube-apiserver-arg: "x-secret=hunter1" } }'
    const all = findingsOf([], [node])
    expect(all).toEqual([expect.stringContaining('x-secret is a secret')])
    expect(all[0]).not.toContain('hunter')
  })

  it.each([
    ['kube-apiserver-arg', 'service-account-key-file=/etc/k8s/sa.key'],
    ['kube-apiserver-arg', 'token-auth-file=/etc/k8s/tokens.csv'],
    ['kube-apiserver-arg', 'tls-cipher-suites=TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,TLS_RSA_WITH_AES_256_GCM_SHA384'],
    ['kube-apiserver-arg', 'enable-bootstrap-token-auth=true'],
    ['kube-apiserver-arg', 'tls-private-key-file=/etc/k8s/tls.key'],
    ['kube-apiserver-arg', 'oidc-issuer-url=https://login.example.org/realms/k8s'],
    ['kube-apiserver-arg', 'oidc-username-prefix=oidc:'],
    ['kube-apiserver-arg', 'tls-sni-cert-key=/etc/a.crt,/etc/a.key:*.example.org'],
    ['kube-apiserver-arg', 'service-account-extend-token-expiration=false'],
    ['kube-controller-manager-arg', 'use-service-account-credentials=true'],
    ['kube-controller-manager-arg', 'node-cidr-mask-size=25'],
    ['kubelet-arg', 'authentication-token-webhook=true'],
    ['kubelet-arg', 'eviction-hard=memory.available<5%,nodefs.available<10%'],
    ['kubelet-arg', 'pod-infra-container-image=registry.example:5000/pause:3.6@sha256:0123'],
    ['kubelet-arg', '--max-pods=200'],
    ['kubelet-arg', 'system-reserved=cpu=500m,memory=1Gi'],
    ['etcd-arg', 'auth-token=simple'],
    ['etcd-arg', 'initial-cluster-token=etcd-cluster-1'],
    ['kube-scheduler-arg', 'config=/etc/k8s/scheduler.yaml'],
    // A configuration of one's own, and the cache of names that runs on each node.
    ['kubelet-arg', 'config=/etc/rancher/rke2/kubelet.yaml'],
    ['kubelet-arg', 'cluster-dns=169.254.20.10'],
    ['kube-apiserver-arg', 'authentication-token-webhook-cache-ttl=2m0s'],
    ['kube-apiserver-arg', 'service-account-max-token-expiration=24h0m0s'],
    ['kube-apiserver-arg', 'service-account-extend-token-expiration=false'],
    ['kube-apiserver-arg', 'api-audiences=https://kubernetes.default.svc,rke2'],
    ['kube-controller-manager-arg', 'concurrent-serviceaccount-token-syncs=5'],
    ['kubelet-arg', 'authentication-token-webhook=true'],
    ['kubelet-arg', 'cloud-config=/etc/kubernetes/cloud.conf'],
    ['kubelet-arg', 'image-credential-provider-config=/var/lib/rancher/credentialprovider/config.yaml'],
    ['kubelet-arg', 'image-credential-provider-bin-dir=/var/lib/rancher/credentialprovider/bin'],
    ['kubelet-arg', 'feature-gates=KubeletInUserNamespace=true'],
    ['kube-scheduler-arg', 'v=2'],
    ['kube-proxy-arg', 'proxy-mode=ipvs'],
  ])('%s: %s is none', (key, item) => expect(found(key, item)).toEqual([]))
})

describe('an argument that would take away what Slipway relies on is refused with the way it is done here', () => {
  it.each([
    ['kubelet-arg', 'node-ip=1.2.3.4', 'spec.nodes[].internal_ip'],
    ['kubelet-arg', '--node-ip=1.2.3.4', 'spec.nodes[].internal_ip'],
    ['kubelet-arg', 'node-ip 1.2.3.4', 'spec.nodes[].internal_ip'],
    ['kubelet-arg', 'hostname-override=other', 'spec.nodes[].hostname'],
    ['kubelet-arg', 'kubeconfig=/root/config', 'RKE2 writes this file itself'],
    ['kube-proxy-arg', 'hostname-override=other', 'spec.nodes[].hostname'],
    ['kube-apiserver-arg', 'service-cluster-ip-range=10.50.0.0/16', 'Write service-cidr in spec.cluster_vars'],
    ['kube-controller-manager-arg', 'cluster-cidr=10.50.0.0/16', 'Write cluster-cidr in spec.cluster_vars'],
    ['etcd-arg', 'data-dir=/data', 'data-dir in spec.cluster_vars'],
  ])('%s: %s', (key, item, way) => {
    expect(found(key, item)).toEqual([expect.stringContaining(way)])
    expect(findingsOf([`cluster_vars: { extra: { ${key}+: [${JSON.stringify(item)}] } }`])).toHaveLength(1)
  })
})

describe('a blank in the name of an argument', () => {
  it.each([
    ['kubelet-arg', '--v 6', 'v=6.'],
    ['kubelet-arg', 'max-pods 200', 'max-pods=200.'],
    ['kube-apiserver-arg', '--feature-gates A=true', 'feature-gates=….'],
    ['etcd-arg', 'quota-backend-bytes =8589934592', 'quota-backend-bytes=….'],
  ])('%s: %s is refused with the right form', (key, item, form) =>
    expect(found(key, item)).toEqual([expect.stringContaining(form)]),
  )
  it('is none in a value', () => expect(found('kube-apiserver-arg', 'oidc-username-claim=full name')).toEqual([]))
})
