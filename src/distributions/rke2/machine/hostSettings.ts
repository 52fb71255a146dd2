import type { HostVariables } from '../../../ansible/inventory.ts'
import type { Change } from '../../../engine/contract/stage.ts'
import type { ClusterArguments } from '../arguments.ts'
import { ownFileMark } from '../files/hostFiles.ts'
import { defaultDataDir } from '../host/dataDir.ts'
import type { ReachedHost } from '../observedHost.ts'
import { networkOf } from './network.ts'
import type { HostSetting } from '../spec/hostSettings.ts'

type Cluster = Pick<ClusterArguments, 'host_settings' | 'cluster_vars'>

/** Interfaces of the networks that RKE2 brings; NetworkManager would take their addresses and routes away. */
const interfaces: Readonly<Record<string, readonly string[]>> = {
  canal: ['cali*', 'flannel*'],
  calico: ['cali*', 'tunl*', 'vxlan.calico', 'vxlan-v6.calico', 'wireguard.cali', 'wg-v6.cali'],
  flannel: ['flannel*', 'cni*'],
  cilium: ['cilium*', 'lxc*'],
}

/**
 * A drop-in for NetworkManager (RKE2's known issues). With `+=` what an administrator has excepted stays so. Of a
 * network of somebody else's (cni: none) the names are not known: it gets those of all.
 */
function networkManagerText({ cluster_vars }: Cluster): string {
  const names = interfaces[networkOf(cluster_vars?.cni)] ?? [...new Set(Object.values(interfaces).flat())]
  return `${ownFileMark}\n[keyfile]\nunmanaged-devices+=${names.map(name => `interface-name:${name}`).join(';')}\n`
}

/** Programs that no package has brought; fapolicyd lets nobody run those unless a rule does. */
const programs = ['/usr/local/bin', '/usr/bin'].flatMap(folder =>
  ['rke2', 'rke2-killall.sh', 'rke2-uninstall.sh'].map(name => `${folder}/${name}`),
)

/** Rules for fapolicyd: RKE2's own (its installer writes the first four), its programs, and the guard of its service. */
function fapolicydText({ cluster_vars }: Cluster): string {
  const data = cluster_vars?.['data-dir'] ?? defaultDataDir
  const folders = [
    data === defaultDataDir ? '/var/lib/rancher' : data,
    '/opt/cni',
    '/run/k3s',
    '/var/lib/kubelet',
    '/opt/rke2',
    '/var/lib/slipway',
  ]
  const objects = [...folders.map(folder => `dir=${folder}/`), ...programs.map(path => `path=${path}`)]
  return `${ownFileMark}\n${objects.map(object => `allow perm=any all : ${object}\n`).join('')}`
}

const unitsOf: Readonly<Record<HostSetting, readonly string[]>> = {
  firewalld: ['firewalld.service'],
  ufw: ['ufw.service'],
  'network-manager': ['nm-cloud-setup.service', 'nm-cloud-setup.timer'],
  fapolicyd: [],
}

interface Lacking {
  /** Units to be turned off, by the word that asks for it. */
  readonly off: readonly { readonly word: HostSetting; readonly units: readonly string[] }[]
  /** Content of the files that are to be written, or read once more; empty: nothing is to be done. */
  readonly networkManager: string
  readonly fapolicyd: string
}

/** What is asked for of a machine and is not so there; what it does not have needs nothing. */
function lackingOf({ facts: { host_settings: seen } }: Pick<ReachedHost, 'facts'>, cluster: Cluster): Lacking {
  const asked = cluster.host_settings ?? []
  const needs = (
    word: 'network-manager' | 'fapolicyd',
    present: { there: boolean; own: string | null },
    text: string,
  ) =>
    asked.includes(word) && present.there && (present.own !== text.trim() || seen.pending.includes(word)) ? text : ''
  const { network_manager, fapolicyd } = seen
  const rules = fapolicydText(cluster)
  const own = fapolicyd.loaded ? fapolicyd.own : null
  return {
    off: asked
      .map(word => ({ word, units: unitsOf[word].filter(unit => seen.on.includes(unit)) }))
      .filter(({ units }) => units.length > 0),
    networkManager: needs('network-manager', network_manager, networkManagerText(cluster)),
    fapolicyd: fapolicyd.takes_rules ? needs('fapolicyd', { ...fapolicyd, own }, rules) : '',
  }
}

const networkManagerFile = '/etc/NetworkManager/conf.d/90-slipway-rke2.conf'
const fapolicydFile = '/etc/fapolicyd/rules.d/80-slipway-rke2.rules'

const offSummaries: Readonly<Record<HostSetting, string>> = {
  firewalld: 'turn firewalld off: nothing filters what reaches the machine then, until it leaves the cluster',
  ufw: 'turn ufw off: nothing filters what reaches the machine then, until it leaves the cluster',
  'network-manager': 'turn nm-cloud-setup off; what it has set of routes stays until the machine boots',
  fapolicyd: '',
}

/** What is done to the services of a machine; empty when they are as it was asked. */
export function hostSettingChanges(host: ReachedHost, cluster: Cluster): Change[] {
  const { off, networkManager, fapolicyd } = lackingOf(host, cluster)
  const target = (part: string) => `node/${host.node.hostname}/host/${part}`
  const written = (part: string, path: string, reads: string, own: string | null, detail: string): Change[] =>
    detail === ''
      ? []
      : [
          {
            effect: own === null ? 'create' : 'update',
            target: target(part),
            summary: `write ${path}, and ${reads}`,
            detail,
          },
        ]
  const { network_manager: nm, fapolicyd: fap } = host.facts.host_settings
  return [
    ...off.map(
      ({ word, units }): Change => ({
        effect: 'update',
        target: target(word === 'network-manager' ? 'nm-cloud-setup' : word),
        summary: offSummaries[word],
        detail: units.join(', '),
      }),
    ),
    ...written('network-manager', networkManagerFile, 'let NetworkManager read it', nm.own, networkManager),
    ...written('fapolicyd', fapolicydFile, 'load it into fapolicyd', fap.own, fapolicyd),
  ]
}

/** Variables of tasks/host.yml; none where nothing is to be done. */
export function hostSettingVariables(host: Pick<ReachedHost, 'facts'>, cluster: Cluster): HostVariables {
  const { off, networkManager, fapolicyd } = lackingOf(host, cluster)
  if (off.length === 0 && networkManager === '' && fapolicyd === '') return {}
  return {
    rke2_units_off: off.flatMap(({ units }) => units),
    rke2_network_manager: networkManager,
    rke2_fapolicyd: fapolicyd,
  }
}

/** A machine whose firewall is about to be turned off: what cannot be reached there now will be. */
export const opens = ({ facts }: Pick<ReachedHost, 'facts'>, cluster: Cluster): boolean =>
  lackingOf({ facts }, cluster).off.some(({ word }) => word === 'firewalld' || word === 'ufw')

/** What the plan says beside the uninstall; empty where nothing was turned off. */
export const turnedOnAgain = ({ host_settings: { turned_off } }: ReachedHost['facts']): string =>
  turned_off.length === 0 ? '' : `; turn ${turned_off.join(', ')} on again`
