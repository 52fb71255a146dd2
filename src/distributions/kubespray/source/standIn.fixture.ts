import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** Writes a folder that has what makes one Kubespray, and nothing of its contents; `files` come over that. */
export function writeStandIn(folder: string, files: Readonly<Record<string, string>> = {}): string {
  const playbooks = ['cluster', 'scale', 'remove-node', 'upgrade-cluster', 'reset', 'recover-control-plane']
  const all: Record<string, string> = {
    'galaxy.yml': 'namespace: kubernetes_sigs\nname: kubespray\nversion: 2.31.0\n',
    'requirements.txt': 'ansible-core==2.18.99\n',
    'playbooks/facts.yml': '- hosts: all\n',
    'roles/kubespray_defaults/vars/main/checksums.yml':
      'crictl_checksums:\n  amd64:\n    1.0.0: a\nkubeadm_checksums:\n  arm64:\n    1.34.1: a\n  amd64:\n    1.34.1: a\n    1.33.5: b\nother_checksums:\n  amd64:\n    9.9.9: a\n',
    ...Object.fromEntries(playbooks.map(name => [`${name}.yml`, '- hosts: all\n'])),
    ...files,
  }
  for (const [path, text] of Object.entries(all)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  return folder
}
