import type { ClusterFormat } from '../../../domain/clusterFile/format.ts'
import type { KeyFile, KeyFileKind } from '../../../domain/clusterFile/keyFiles.ts'
import { readSecretLine } from '../../../domain/clusterFile/secretLine.ts'
import { ownFileKinds } from '../ownFiles/kinds.ts'
import { manifestFolders } from '../ownFiles/manifestFolders.ts'
import { namesManifest } from '../ownFiles/manifestNames.ts'
import { machineFiles } from '../../../machines/clusterMachines.ts'
import { platformFiles } from '../../../platform/chartFiles.ts'
import { rke2Findings } from '../findings/index.ts'
import { forms } from './forms.ts'
import { ownConfiguration } from './ownConfiguration.ts'
import { readRegistryLogin } from './registryLogin.ts'
import { checkCluster } from './rules/checkCluster.ts'
import { draftOf } from './rules/draftOf.ts'
import { readServerToken } from './serverToken.ts'
import { type Rke2Spec, rke2Node, rke2Spec } from './spec.ts'
import { template } from './template.ts'
import { unknownKey } from './unknownKeys.ts'

/** Files with a secret that only RKE2 has. */
export const keyFileKinds = {
  token: { name: 'token', read: readServerToken },
  registryLogin: { name: 'registry-credentials', read: readRegistryLogin },
  configSecret: { name: 'config-secret', read: readSecretLine },
} satisfies Record<string, KeyFileKind>

/** What a cluster file of RKE2 may say. */
export const rke2Format: ClusterFormat<Rke2Spec> = {
  distribution: 'rke2',
  spec: rke2Spec,
  node: rke2Node,
  checkSpec: checkCluster,
  checkParts: spec => checkCluster(draftOf(spec)),
  keyFiles,
  nodeFiles: ({ files }, path) => ofOwnFiles(files ?? {}, [...path, 'files']),
  folders: manifestFolders,
  localFolders: ['artifact_path'],
  findings: rke2Findings,
  forms,
  unknownKey,
  template,
  ownConfiguration,
}

function keyFiles(spec: Rke2Spec): KeyFile[] {
  const { token_file, registries, secret_files, manifests, files, platform } = spec
  return [
    ...(token_file ? [{ file: token_file, kind: keyFileKinds.token, path: ['spec', 'token_file'] }] : []),
    ...Object.entries(registries?.configs ?? {}).flatMap(([host, { auth_file }]): KeyFile[] =>
      auth_file
        ? [
            {
              file: auth_file,
              kind: keyFileKinds.registryLogin,
              path: ['spec', 'registries', 'configs', host, 'auth_file'],
            },
          ]
        : [],
    ),
    ...Object.entries(secret_files ?? {}).map(
      ([key, file]): KeyFile => ({ file, kind: keyFileKinds.configSecret, path: ['spec', 'secret_files', key] }),
    ),
    ...(manifests ?? [])
      .filter(namesManifest)
      .map((file, index): KeyFile => ({ file, kind: ownFileKinds.manifest, path: ['spec', 'manifests', index] })),
    ...ofOwnFiles(files ?? {}, ['spec', 'files']),
    ...platformFiles(platform),
    ...machineFiles(spec),
  ]
}

function ofOwnFiles(files: NonNullable<Rke2Spec['files']>, path: KeyFile['path']): KeyFile[] {
  const one = (key: Exclude<keyof typeof files, 'static_pods'>, kind: KeyFileKind): KeyFile[] => {
    const file = files[key]
    return file === undefined ? [] : [{ file, kind, path: [...path, key] }]
  }
  return [
    ...one('audit_policy', ownFileKinds.auditPolicy),
    ...one('pod_security', ownFileKinds.podSecurity),
    ...one('kubelet_config', ownFileKinds.kubeletConfig),
    ...one('containerd_template', ownFileKinds.containerdTemplate),
    ...(files.static_pods ?? []).map(
      (file, index): KeyFile => ({ file, kind: ownFileKinds.staticPod, path: [...path, 'static_pods', index] }),
    ),
  ]
}
