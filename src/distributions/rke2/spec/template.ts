import type { ClusterTemplate, TemplateAnswers, TemplateNode } from '../../../domain/clusterFile/template.ts'
import { rke2Version } from './version.ts'

const defaults: TemplateAnswers = {
  name: 'demo',
  version: 'v1.34.1+rke2r1',
  user: 'root',
  key_file: '~/.ssh/id_ed25519',
  servers: ['m1', 'm2', 'm3'].map((hostname, index) => ({ hostname, internal_ip: `10.0.0.1${index + 1}` })),
  workers: ['w1', 'w2'].map((hostname, index) => ({ hostname, internal_ip: `10.0.0.2${index + 1}` })),
}

export const template: ClusterTemplate = { defaults, version: rke2Version, text }

function text(answers: TemplateAnswers): string {
  const nodes = [
    ...answers.servers.map((node, index) => nodeLine(node, index === 0 ? 'initial_master' : 'master')),
    ...answers.workers.map(node => nodeLine(node, 'worker')),
  ]
  return `# A Kubernetes cluster, as it shall be. Reference: docs/cluster-yaml.md
#   slipway validate -f FILE   checks this file without changing anything
#   slipway plan -f FILE       looks at the machines and shows what would be done, and why
#   slipway apply -f FILE      does it, after you have seen the plan
apiVersion: slipway/v1
kind: Cluster
metadata:
  name: ${answers.name}
spec:
  distribution: rke2
  version: ${answers.version}

  # Where the release comes from; default is the public release URL.
  # artifact_url: https://mirror.example/rke2/releases/download
  # artifact_path: ./release        # a folder with the release files, for machines without internet access

  # The address that clients use for the API: a virtual IP or a DNS name. Default: the initial master's address.
  # api_endpoint: api.demo.example
  # Or a free address that Slipway puts on the servers: whichever serves holds it.
  # vip: { address: 10.0.0.100 }

  # How the machines are reached; a node may have an \`ssh\` of its own, which wins key by key.
  ssh:
    user: ${answers.user}
    port: 22
${answers.key_file === null ? '    # key_file: ~/.ssh/id_ed25519   # without it the SSH agent is used' : `    key_file: ${answers.key_file}   # relative to this file; without it the SSH agent is used`}
    # sudo_password_file: ./sudo-password
    # jump: [{ host: bastion.example, user: ops }]

  # Keys of RKE2's config.yaml. A key that Slipway does not know goes under \`extra\`.
  # cluster_vars:
  #   cni: cilium
  #   tls-san: [api.demo.example]
  #   extra: { some-new-key: value }

  # Exactly one initial_master; one, three or five servers (masters) in all.
  nodes:
${nodes.join('\n')}
    #   with more: { hostname: w3, internal_ip: 10.0.0.23, external_ip: 203.0.113.7, use_external_ip: true, role: worker,
    #                node_vars: { node-label: [tier=web] }, ssh: { user: ops } }
`
}

const nodeLine = ({ hostname, internal_ip }: TemplateNode, role: string): string =>
  `    - { hostname: ${hostname}, internal_ip: ${internal_ip.includes(':') ? `"${internal_ip}"` : internal_ip}, role: ${role} }`
