import type { ClusterTemplate, TemplateNode } from '../../../domain/clusterFile/template.ts'
import { kubernetesVersion } from './version.ts'

export const template: ClusterTemplate = {
  defaults: {
    name: 'demo',
    version: '1.34.1',
    user: 'root',
    key_file: '~/.ssh/id_ed25519',
    servers: ['m1', 'm2', 'm3'].map((hostname, index) => ({ hostname, internal_ip: `10.0.0.1${index + 1}` })),
    workers: ['w1', 'w2'].map((hostname, index) => ({ hostname, internal_ip: `10.0.0.2${index + 1}` })),
  },
  version: kubernetesVersion,
  text: ({
    name,
    version,
    user,
    key_file,
    servers,
    workers,
  }) => `# A Kubernetes cluster made with Kubespray. Reference: docs/kubespray.md
apiVersion: slipway/v1
kind: Cluster
metadata:
  name: ${name}
spec:
  distribution: kubespray
  version: ${version}

  # Kubespray's own playbooks: a tag of its repository, an archive with its SHA-256, or a folder.
  kubespray:
    source: { git: https://github.com/kubernetes-sigs/kubespray, ref: v2.31.0 }
    # source: { archive: ./kubespray-2.31.0.tar.gz, sha256: … }
    # source: { folder: ./kubespray }
    # secret_vars: ./secret-vars.yaml      # variables that nobody is shown

  ssh:
    user: ${user}
${key_file === null ? '    # key_file: ~/.ssh/id_ed25519   # without it the SSH agent is used' : `    key_file: ${key_file}`}

  # Variables of Kubespray, for all nodes.
  # cluster_vars:
  #   kube_network_plugin: calico

  # Exactly one initial_master; one, three or five servers in all.
  nodes:
${[...servers.map((node, index) => nodeLine(node, index === 0 ? 'initial_master' : 'master')), ...workers.map(node => nodeLine(node, 'worker'))].join('\n')}
`,
}

const nodeLine = ({ hostname, internal_ip }: TemplateNode, role: string): string =>
  `    - { hostname: ${hostname}, internal_ip: ${internal_ip.includes(':') ? `"${internal_ip}"` : internal_ip}, role: ${role} }`
