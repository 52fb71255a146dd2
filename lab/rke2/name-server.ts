import type { Settings } from './settings.ts'

const name = 'rke2-coredns-rke2-coredns'
const namespace = 'kube-system'
const labels = { 'k8s-app': 'kube-dns', 'app.kubernetes.io/managed-by': 'rke2' }
/** Of lab/pods/images. */
const image = 'rancher/hardened-coredns:lab'

/** The manifest of RKE2's name server where pods are real: they find Services by their names. There are no names outside of the cluster. */
export function nameServer(settings: Settings): object[] {
  const domain = settings.shared['cluster-domain'] ?? 'cluster.local'
  const addresses = (settings.shared['cluster-dns'] ?? '10.43.0.10').split(',')
  const metadata = { name, namespace, labels }
  const role = { name: `system:${name}`, labels }
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: role,
      rules: [
        { apiGroups: [''], resources: ['services', 'pods', 'namespaces'], verbs: ['list', 'watch'] },
        { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['list', 'watch'] },
      ],
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: role,
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role.name },
      subjects: [{ kind: 'ServiceAccount', name, namespace }],
    },
    { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { Corefile: corefile(domain) } },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata,
      spec: {
        selector: { 'k8s-app': 'kube-dns' },
        clusterIP: addresses[0],
        ...(addresses.length > 1 ? { clusterIPs: addresses, ipFamilyPolicy: 'RequireDualStack' } : {}),
        ports: ['UDP', 'TCP'].map(protocol => ({ name: `${protocol.toLowerCase()}-53`, port: 53, protocol })),
      },
    },
    { apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec: { replicas: 1, ...workload() } },
  ]
}

const corefile = (domain: string) => `.:53 {
    errors
    health
    ready
    kubernetes ${domain} in-addr.arpa ip6.arpa {
        pods insecure
        ttl 5
    }
}
`

function workload(): object {
  return {
    selector: { matchLabels: { 'k8s-app': 'kube-dns' } },
    template: {
      metadata: { labels },
      spec: {
        serviceAccountName: name,
        dnsPolicy: 'Default',
        priorityClassName: 'system-cluster-critical',
        nodeSelector: { 'kubernetes.io/os': 'linux' },
        tolerations: [{ operator: 'Exists' }],
        containers: [
          {
            name: 'coredns',
            image,
            args: ['-conf', '/etc/coredns/Corefile'],
            ports: [{ containerPort: 53, protocol: 'UDP' }],
            readinessProbe: { httpGet: { path: '/ready', port: 8181 }, periodSeconds: 1 },
            livenessProbe: { httpGet: { path: '/health', port: 8080 }, initialDelaySeconds: 60 },
            volumeMounts: [{ name: 'config', mountPath: '/etc/coredns' }],
          },
        ],
        volumes: [{ name: 'config', configMap: { name } }],
      },
    },
  }
}
