import { isServer } from '../../../domain/cluster.ts'
import { ownFileMark } from '../files/hostFiles.ts'
import { auditPolicyPath, podSecurityPath } from '../files/ownFilePaths.ts'
import type { ClusterArguments, NodeArguments } from '../arguments.ts'
import { defaultDataDir } from '../host/dataDir.ts'
import { parseRke2Version } from '../spec/version.ts'
import { manifestName } from './manifestNames.ts'

/** A file of the user's own on a machine. */
export interface OwnPlace {
  /** Where it lies there. */
  readonly path: string
  /** As the cluster file names it. */
  readonly file: string
  /** First line of the file on the machine, where its name does not tell whose it is. */
  readonly mark: string
}

/** A file of the user's own as it is to lie on a machine. */
export interface OwnFile {
  readonly path: string
  /** Exact content; null: there is to be none. */
  readonly content: string | null
  /** Keyed hash of the content, as the look at the host tells it; empty where there is to be none. */
  readonly hmac: string
}

/** As `python/slipway/rke2/own_files.py` looks for them. Below the data folder, which can be moved. */
const below = {
  manifests: 'server/manifests/slipway',
  kubelet: 'agent/etc/kubelet.conf.d/90-slipway.conf',
  pods: 'agent/pod-manifests/slipway-',
  containerd: 'agent/etc/containerd',
}

/** Where each file of the user's own lies on this machine; which of them it has, its role says. */
export function ownPlaces(
  node: Pick<NodeArguments, 'role' | 'files'>,
  {
    cluster_vars,
    manifests = [],
    files = {},
    version,
  }: Pick<ClusterArguments, 'cluster_vars' | 'manifests' | 'files' | 'version'>,
): OwnPlace[] {
  const ofNode = { ...files, ...node.files }
  const data = cluster_vars?.['data-dir'] ?? defaultDataDir
  const at = (path: string, file: string | undefined, mark = ''): OwnPlace[] =>
    file === undefined ? [] : [{ path, file, mark }]
  const ofServers = [
    ...at(auditPolicyPath, files.audit_policy),
    ...at(podSecurityPath, files.pod_security),
    ...manifests.flatMap(file => at(`${data}/${below.manifests}/${manifestName(file)}`, file)),
  ]
  return [
    ...(isServer(node) ? ofServers : []),
    ...at(`${data}/${below.kubelet}`, ofNode.kubelet_config),
    ...at(`${data}/${below.containerd}/${templateName(version)}`, ofNode.containerd_template, `${ownFileMark}\n`),
    ...(ofNode.static_pods ?? []).flatMap(file => at(`${data}/${below.pods}${manifestName(file)}`, file)),
  ]
}

/** The folder from which on nobody but root may look, where it has to be made. */
export function privateFolder(path: string, dataDir: string): string {
  if (path.startsWith(`${dataDir}/server/`)) return `${dataDir}/server`
  return path.slice(0, path.lastIndexOf('/'))
}

/** RKE2 reads it when its service starts; manifests and static pods it watches. */
export const isReadAtStart = (path: string): boolean =>
  !path.includes(`/${below.manifests}/`) && !path.includes(`/${below.pods}`)

/** Its name does not tell whose it is: its first line does. */
export const isShared = (path: string): boolean => path.includes(`/${below.containerd}/`)

export const isOwnManifest = (path: string): boolean => path.includes(`/${below.manifests}/`)

/** containerd 2 came with v1.31.6 and v1.32.2, and reads its configuration in another form. */
function templateName(version: string): string {
  const { minor, patch } = parseRke2Version(version)
  const isSecond = minor > 32 || (minor === 32 && patch >= 2) || (minor === 31 && patch >= 6)
  return isSecond ? 'config-v3.toml.tmpl' : 'config.toml.tmpl'
}
