import type { Bootstrap } from '../../clusters/session.ts'
import type { Change, Unmet } from '../../engine/contract/stage.ts'
import { defaultDataDir } from './host/dataDir.ts'
import type { HostFacts } from './host/facts.ts'
import type { NodeArguments } from './arguments.ts'
import { stateOf } from './configurationFiles.ts'
import { type ObservedHost, reached, type ReachedHost } from './observedHost.ts'
import type { ObservedCluster } from './observeCluster.ts'
import { ownFileChanges } from './ownFiles/changes.ts'
import type { OwnFile } from './ownFiles/places.ts'
import { memberOf } from './membership.ts'
import { configDifference, needsRestart, tellDifference } from './configDifference.ts'
import { type PresentFiles, sameFiles } from './presentFiles.ts'
import type { FileHashes } from './wantedFiles.ts'

export const unitOf = (node: Pick<NodeArguments, 'role'>): 'rke2-server' | 'rke2-agent' =>
  node.role === 'worker' ? 'rke2-agent' : 'rke2-server'

const configPath = '/etc/rancher/rke2/config.yaml'
const registriesPath = '/etc/rancher/rke2/registries.yaml'

/** Null where there is no configuration. */
export function presentFiles(facts: HostFacts, node: NodeArguments): PresentFiles | null {
  const find = (path: string) => facts.config.find(file => file.path === path) ?? null
  const config = find(configPath)
  if (config === null) return null
  return {
    config: config.hmac,
    parts: config.parts,
    server: config.server,
    registries: find(registriesPath),
    environment: find(`/etc/default/${unitOf(node)}`),
  }
}

/** What a node should be; several configs may be right (the first server before and after it learns of the others). */
export interface WantedNode {
  readonly version: string
  /** null: not known yet, because the cluster is not formed. */
  readonly files: readonly FileHashes[] | null
  /** Files of others that say the same: right as long as nothing else is to be done to the node. Absent: there are none. */
  readonly adopted?: FileHashes | null
  /** Files that are wrong only in whom they tell it to join. */
  readonly misled: readonly FileHashes[]
  /** Names the config without its secrets; part of what is approved. */
  readonly intent: string
  /** Files of the user's own. */
  readonly own: readonly OwnFile[]
}

/**
 * What has to be done so that this node is a working member, smallest step first; empty when nothing is. Pure, and the
 * only place that says so: plan, run, resume and status all ask here.
 */
export function nodeChanges(host: ReachedHost, wanted: WantedNode, seen: SeenMembers): Change[] {
  const { adopted } = wanted
  // Whatever is done to a node writes its files anew, so that they are Slipway's then.
  if (adopted && changesTowards(host, { ...wanted, files: [adopted] }, seen).length === 0) return []
  return changesTowards(host, wanted, seen)
}

function changesTowards(host: ReachedHost, wanted: WantedNode, seen: SeenMembers): Change[] {
  const { node, facts } = host
  const { members } = seen
  const changes: Change[] = []
  const target = (part: string) => `node/${node.hostname}/${part}`
  const unit = unitOf(node)
  const service = facts.services[unit]
  const running = service.active === 'active'
  // Also one that is still starting has read its configuration already.
  const alive = service.main_pid > 0
  const files = filesToWrite({ node, facts }, wanted, seen)
  if (files)
    changes.push({
      effect: files.effect,
      target: target('config'),
      summary: `write the configuration of ${unit}${files.restarts || !alive ? '' : ', without a restart'}${files.why && ` (${files.why})`}`,
      detail: wanted.intent,
    })
  const own = ownFileChanges(host, wanted.own)
  changes.push(...own.changes)
  // What was changed earlier counts as well, when whoever changed it did not live to restart it.
  const outdated = files?.restarts || own.restarts || service.restart_pending || !facts.release.complete
  const restarts = alive && outdated
  if (restarts) changes.push({ effect: 'restart', target: target('service'), summary: `restart ${unit}` })
  else if (!service.enabled || !running)
    changes.push({ effect: 'create', target: target('service'), summary: `enable and start ${unit}` })
  const member = members?.get(node.hostname)
  // A restart takes it away for a while: whoever goes on after a crash finds it so, and that was approved as well. And of one
  // that does not run the cluster notices only after a while that it is not ready.
  if (restarts || !running || !member?.ready || !votes(node, seen) || member.kubelet_version !== wanted.version)
    changes.push({
      effect: 'create',
      target: target('membership'),
      summary: `wait until ${node.hostname} is ready${node.role === 'worker' ? '' : ' and votes in etcd'}`,
    })
  return changes
}

type SeenMembers = Pick<ObservedCluster, 'members' | 'etcd'>

/** The condition EtcdIsVoter of a Node stays what it was when its member dies: the list and the member itself tell. */
function votes(node: NodeArguments, { etcd }: SeenMembers): boolean {
  const entry = etcd && memberOf(etcd, node)
  return node.role === 'worker' || (entry ? entry.healthy && !entry.learner : false)
}

/** A server that has its data ignores whom it is told to join, and an agent keeps a list of the servers by itself. */
function needsNobodyToJoin({ node, facts }: Pick<ReachedHost, 'node' | 'facts'>, seen: SeenMembers): boolean {
  const holds = node.role === 'worker' ? facts.data.agent : facts.data.etcd_member
  const runs = facts.services[unitOf(node)].active === 'active'
  return runs && holds && seen.members?.get(node.hostname)?.ready === true && votes(node, seen)
}

interface FilesToWrite {
  readonly effect: 'create' | 'update'
  /** Why, in words; empty where that is plain. */
  readonly why: string
  /** Whether the service has to read them at once. */
  readonly restarts: boolean
}

/** Null where all files are right. */
function filesToWrite(
  { node, facts }: Pick<ReachedHost, 'node' | 'facts'>,
  { files, misled }: Pick<WantedNode, 'files' | 'misled'>,
  seen: SeenMembers,
): FilesToWrite | null {
  const present = presentFiles(facts, node)
  if (present === null) return { effect: 'create', why: '', restarts: true }
  if (files?.some(each => sameFiles(each, present))) return null
  if (misled.some(each => sameFiles(each, present)) && needsNobodyToJoin({ node, facts }, seen))
    return { effect: 'update', why: 'whom to join', restarts: false }
  const wrong = facts.config.filter(({ path }) => path === configPath).map(stateOf)[0]
  const difference = configDifference(files ?? [], present)
  return {
    effect: 'update',
    why: wrong ? `${configPath} ${wrong}` : difference ? tellDifference(difference) : '',
    restarts: difference === null || needsRestart(difference),
  }
}

/** What the tasks that write the files of a host are told: whether its service has to read them at once. */
export const writingVariables = (host: ReachedHost, wanted: Pick<WantedNode, 'files' | 'misled'>, seen: SeenMembers) =>
  filesToWrite(host, wanted, seen)?.restarts === false ? { rke2_restart_due: false } : {}

/** Whether this host already belongs to this cluster of this installation: what lies there is our own work. */
export const isOurs = (facts: HostFacts, installation: string, cluster: string): boolean =>
  facts.fence !== null && facts.fence.installation === installation && facts.fence.cluster === cluster

/** Ends RKE2 on a host and takes its data away; membership is another matter. */
export const uninstallCommand = ({ data }: Pick<HostFacts, 'data'>): string =>
  `${data.path === defaultDataDir ? '' : `RKE2_DATA_DIR=${data.path} `}rke2-uninstall.sh`

/**
 * Whether nobody's mark is on this host, and it proves to be of the recorded cluster, which others have made: no machine
 * has ever claimed the right to. What lies there is to be taken over.
 */
export const isAdoptable = ({ fence, data }: HostFacts, { state, machine_id, ca_hash }: Bootstrap): boolean =>
  fence === null && state === 'done' && machine_id === null && ca_hash !== null && data.ca_hash === ca_hash

/** Findings about hosts on which somebody else's work lies. */
export function strangers(
  hosts: readonly ObservedHost[],
  installation: string,
  cluster: string,
  bootstrap: Bootstrap,
): Unmet[] {
  return reached(hosts).flatMap(({ node, facts }): Unmet[] => {
    if (isAdoptable(facts, bootstrap)) return []
    const about = `node ${node.hostname}`
    if (facts.fence && !isOurs(facts, installation, cluster))
      return [
        {
          name: 'owned-by-another',
          severity: 'error',
          about,
          message: `the host belongs to cluster ${facts.fence.cluster} of ${facts.fence.installation === installation ? 'this' : 'another'} Slipway installation`,
          remedy: `Use another machine; or, where that cluster does not need this one any more, take it out there (kubectl delete node ${node.hostname}), and then on this machine, as root: ${uninstallCommand(facts)}; rm -r /var/lib/slipway.`,
        },
      ]
    const found = [...facts.leftovers, ...(facts.fence ? [] : earlierRke2(facts))]
    if (found.length === 0) return []
    return [
      {
        name: 'earlier-install',
        severity: 'error',
        about,
        message: `an earlier Kubernetes lies on it: ${found.slice(0, 5).join(', ')}${found.length > 5 ? ' …' : ''}`,
        remedy: 'Uninstall it (rke2-uninstall.sh, k3s-uninstall.sh, kubeadm reset) or use a fresh machine.',
      },
    ]
  })
}

function earlierRke2({ release, data, services, config }: HostFacts): string[] {
  const found: string[] = []
  if (release.version !== null || release.prefix !== null)
    found.push(`rke2 ${release.version ?? ''} in ${release.prefix ?? '?'}`)
  if (data.server || data.agent) found.push(data.path)
  if (services['rke2-server'].main_pid > 0 || services['rke2-agent'].main_pid > 0) found.push('a running rke2 service')
  // Environment files and config.yaml.d have findings of their own: what lies there may be no RKE2 at all.
  found.push(...config.map(file => file.path).filter(path => /^\/etc\/rancher\/rke2\/[^/]+$/.test(path)))
  return found
}
