import { posix } from 'node:path'

/** What RKE2's deploy controller takes for a manifest. */
const ending = /\.(?:ya?ml|json)$/
/** What stands before the first dot becomes the name of an object of kind AddOn. */
const fitting = /^[a-z0-9](?:[a-z0-9-]{0,251}[a-z0-9])?(?:\.[A-Za-z0-9_-]+)*\.(?:ya?ml|json)$/

export const isManifest = (file: string): boolean => ending.test(file) && !file.includes('/') && !file.startsWith('.')

/** Whether an entry of spec.manifests is a file; otherwise it is a folder. */
export const namesManifest = (entry: string): boolean => ending.test(entry)

/** The name of a file on the machine, wherever it lay before. */
export const manifestName = (file: string): string => posix.basename(file)

/** What RKE2 calls the AddOn of a manifest: all before the first dot. Two files with one name take turns for ever. */
export const addOnOf = (file: string): string => manifestName(file).split('.', 1)[0] ?? ''

export const canNameAddOn = (file: string): boolean => fitting.test(manifestName(file))

/**
 * What RKE2 writes into the folder itself, anew at each start (the charts of its releases, v1.30 to v1.35). Settings for
 * one of these go into a HelmChartConfig, in a file of another name.
 */
const packaged: ReadonlySet<string> = new Set([
  'harvester-cloud-provider',
  'harvester-csi-driver',
  'rancher-vsphere-cpi',
  'rancher-vsphere-csi',
  'rke2-calico',
  'rke2-calico-crd',
  'rke2-canal',
  'rke2-cilium',
  'rke2-coredns',
  'rke2-flannel',
  'rke2-ingress-nginx',
  'rke2-metrics-server',
  'rke2-multus',
  'rke2-runtimeclasses',
  'rke2-snapshot-controller',
  'rke2-snapshot-controller-crd',
  'rke2-snapshot-validation-webhook',
  'rke2-traefik',
  'rke2-traefik-crd',
])

export const packagedCharts: readonly string[] = [...packaged]

/** `own`: the very name of one that RKE2 writes; `like`: it looks like one. */
export function resemblesPackaged(file: string): 'own' | 'like' | null {
  const name = addOnOf(file)
  if (packaged.has(name)) return 'own'
  return name.startsWith('rke2-') ? 'like' : null
}
