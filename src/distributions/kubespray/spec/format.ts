import type { ClusterFormat } from '../../../domain/clusterFile/format.ts'
import type { KeyFile } from '../../../domain/clusterFile/keyFiles.ts'
import { machineFiles } from '../../../machines/clusterMachines.ts'
import { platformFiles } from '../../../platform/chartFiles.ts'
import { kubesprayFindings } from '../findings.ts'
import { draftOf } from './draftOf.ts'
import { checkCluster } from './rules.ts'
import { secretVars } from './secretVars.ts'
import { type KubespraySpec, kubesprayNode, kubespraySpec } from './spec.ts'
import { template } from './template.ts'
import { unknownKey } from './unknownKey.ts'

/** What a cluster file of Kubespray may say. */
export const kubesprayFormat: ClusterFormat<KubespraySpec> = {
  distribution: 'kubespray',
  spec: kubespraySpec,
  node: kubesprayNode,
  checkSpec: checkCluster,
  checkParts: spec => checkCluster(draftOf(spec)),
  keyFiles,
  localFolders: ['kubespray.source.folder', 'kubespray.source.archive'],
  findings: kubesprayFindings,
  forms: {
    distribution: 'kubespray',
    version: '1.34.1',
    git: 'https://github.com/kubernetes-sigs/kubespray',
    ref: 'v2.31.0',
    archive: './kubespray-2.31.0.tar.gz',
    folder: './kubespray',
    secrets_encryption: 'secretbox',
    secret_vars: './secret-vars.yaml',
  },
  unknownKey,
  template,
  ownConfiguration: keys =>
    keys.some(key => /^(?:kube_|etcd_|calico_|cilium_|download_)/.test(key))
      ? {
          message: 'this looks like a file of Kubespray’s group_vars, not like a cluster file',
          remedy:
            'Begin a cluster file as docs/kubespray.md shows it, and write these variables below spec.cluster_vars. Secrets among them go into a file of their own, named in spec.kubespray.secret_vars.',
        }
      : null,
}

function keyFiles(spec: KubespraySpec): KeyFile[] {
  const secret = spec.kubespray?.secret_vars
  return [
    ...(secret === undefined ? [] : [{ file: secret, kind: secretVars, path: ['spec', 'kubespray', 'secret_vars'] }]),
    ...platformFiles(spec.platform),
    ...machineFiles(spec),
  ]
}
