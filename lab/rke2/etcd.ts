import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { stringify } from 'yaml'
import { inUrl } from './address.ts'
import { keepRunning, type Running } from './child.ts'
import { type EtcdClient, etcdClient, type Member } from './etcd-client.ts'
import { explain, log } from './log.ts'
import { keyOf } from './outliving.ts'
import type { Paths } from './paths.ts'
import { certificatesOf, kubernetesFolder } from './programs.ts'
import type { Settings } from './settings.ts'
import { version } from './version.ts'

/** Whether this host already is a member, or was one: then `server:` is not looked at. */
export const hasData = (paths: Paths): boolean => existsSync(paths.etcdLog)

/** This member's name: the node's with a random end, made once and kept with the data. */
export async function memberName(paths: Paths, nodeName: string, renew = false): Promise<string> {
  if (!renew && existsSync(paths.etcdName)) return (await readFile(paths.etcdName, 'utf8')).trim()
  const name = `${nodeName}-${randomBytes(4).toString('hex')}`
  await mkdir(paths.etcd, { recursive: true, mode: 0o700 })
  await writeFile(paths.etcdName, name, { mode: 0o600 })
  return name
}

const withoutStart = { 'initial-cluster': undefined, 'initial-cluster-state': undefined }

export const peerUrl = (address: string) => `https://${inUrl(address)}:2380`

/** How this member finds the others at its first start. */
export interface Initial {
  cluster: string
  state: 'new' | 'existing'
}

/**
 * Starts etcd and keeps it running. A member that the cluster has removed ends, with these words, and ends again
 * whenever it is started with the data of then; nothing on disk is marked.
 */
export async function startEtcd(
  paths: Paths,
  settings: Settings,
  name: string,
  initial: Initial | undefined,
  options: { forceNewCluster?: boolean; onRemoved?: () => void } = {},
): Promise<Running> {
  const tls = (file: string) => join(paths.tls, 'etcd', file)
  const client = `https://${inUrl(settings.nodeIp)}:2379`
  const configuration: Record<string, unknown> = {
    name,
    'data-dir': paths.etcd,
    'listen-client-urls': `${client},https://127.0.0.1:2379`,
    'advertise-client-urls': client,
    'listen-peer-urls': `${peerUrl('127.0.0.1')},${peerUrl(settings.nodeIp)}`,
    'initial-advertise-peer-urls': peerUrl(settings.nodeIp),
    'listen-metrics-urls': 'http://127.0.0.1:2381',
    ...(initial === undefined ? {} : { 'initial-cluster': initial.cluster, 'initial-cluster-state': initial.state }),
    ...(options.forceNewCluster === true ? { 'force-new-cluster': true } : {}),
    'client-transport-security': {
      'client-cert-auth': true,
      'trusted-ca-file': tls('server-ca.crt'),
      'cert-file': tls('server-client.crt'),
      'key-file': tls('server-client.key'),
    },
    'peer-transport-security': {
      'client-cert-auth': true,
      'trusted-ca-file': tls('peer-ca.crt'),
      'cert-file': tls('peer-server-client.crt'),
      'key-file': tls('peer-server-client.key'),
    },
    // RKE2 gives 500 and 5000; half of that keeps its safety on shared cores and a bootstrap two seconds shorter.
    'heartbeat-interval': 250,
    'election-timeout': 2500,
    logger: 'zap',
    'log-outputs': ['stderr'],
    'snapshot-count': 10_000,
    ...extraOptions(settings.extra.etcd),
  }
  await mkdir(paths.etcd, { recursive: true, mode: 0o700 })
  await writeFile(paths.etcdConfig, stringify(configuration), { mode: 0o600 })
  const logFile = join(paths.logs, 'etcd.log')
  let seen = existsSync(logFile) ? readFileSync(logFile).length : 0
  const program = {
    name: 'etcd',
    command: join(kubernetesFolder, 'etcd'),
    args: [`--config-file=${paths.etcdConfig}`],
    logFile,
    // How it found the others at its first start is no reason to start it anew.
    ...(options.forceNewCluster === true
      ? {}
      : { container: keyOf(version, stringify({ ...configuration, ...withoutStart }), certificatesOf(paths)) }),
  }
  return keepRunning(program, () => {
    const output = readFileSync(logFile)
    const recent = output.subarray(seen > output.length ? 0 : seen).toString()
    seen = output.length
    if (recent.includes('permanently removed from the cluster')) options.onRemoved?.()
    return false
  })
}

function extraOptions(given: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(
    given.map(argument => {
      const split = argument.indexOf('=')
      const value = split < 0 ? 'true' : argument.slice(split + 1)
      const key = split < 0 ? argument : argument.slice(0, split)
      return [key, /^\d+$/.test(value) ? Number(value) : /^(true|false)$/.test(value) ? value === 'true' : value]
    }),
  )
}

/**
 * Enters a joining host as a learner, unless a try before this one already did. While another learner is there it is
 * tried again each second, with the members of then, for as long as that may take.
 * Throws RKE2's refusal when another member carries this node's name.
 */
export async function enterCluster(client: EtcdClient, name: string, settings: Settings): Promise<Initial> {
  for (;;) {
    try {
      return await tryToEnter(client, name, settings)
    } catch (error) {
      const reason = explain(error)
      if (!reason.includes('too many learner members')) throw error
      log.info(`Waiting for other members to finish joining etcd cluster: ${reason}`)
    }
    await delay(1000)
  }
}

async function tryToEnter(client: EtcdClient, name: string, settings: Settings): Promise<Initial> {
  const mine = peerUrl(settings.nodeIp)
  const members = await client.members()
  const nameIn = (member: Member) => (member.name === '' && member.peerUrls.includes(mine) ? name : member.name)
  if (members.some(member => nameIn(member) !== name && nodeOf(nameIn(member)) === settings.nodeName)) {
    throw new Error('duplicate node name found, please use a unique name for this node')
  }
  const listed = members.map(member => `${nameIn(member)}=${member.peerUrls[0] ?? ''}`)
  if (!members.some(member => nameIn(member) === name && member.peerUrls.includes(mine))) {
    log.info(`Adding member ${name}=${mine} to etcd cluster [${listed.join(' ')}]`)
    await addLearner(client, mine)
    listed.push(`${name}=${mine}`)
  }
  log.info(`Starting etcd to join cluster with members [${listed.join(' ')}]`)
  return { cluster: listed.join(','), state: 'existing' }
}

/** etcd takes no new member within 5 s after the one before connected; RKE2's own joins are too slow to see that. */
async function addLearner(client: EtcdClient, peer: string): Promise<void> {
  const deadline = Date.now() + 15_000
  for (;;) {
    try {
      await client.addLearner(peer)
      return
    } catch (error) {
      if (!explain(error).includes('unhealthy cluster') || Date.now() > deadline) throw error
    }
    await delay(200)
  }
}

/** `server-1-3f9c0a12` → `server-1`. */
export function nodeOf(member: string): string {
  const hyphen = member.lastIndexOf('-')
  return hyphen > 0 ? member.slice(0, hyphen) : member
}

/**
 * A new member announces itself once it knows the leader, and serves when that is through. When the leader's first
 * snapshot arrives at the same moment the announcement is lost, and etcd repeats it after 10 s; a restart does at once.
 */
export async function hurryAnnouncement(paths: Paths, member: Running): Promise<void> {
  const client = await etcdClient(paths)
  const deadline = Date.now() + 1000
  let announced = false
  while (!announced && Date.now() < deadline) {
    announced = await client.status(300).then(
      () => true,
      () => false,
    )
    if (!announced) await delay(50)
  }
  client.close()
  if (announced) return
  log.info('etcd has not announced itself; restarting it')
  member.restart()
}

/** Waits until this host's etcd answers and is a voting member; how long is the service manager's affair, as in RKE2. */
export async function untilVoter(paths: Paths, name: string): Promise<EtcdClient> {
  const client = await etcdClient(paths)
  let told = ''
  for (;;) {
    let reason: string
    try {
      const status = await client.status()
      if (status.learner) reason = 'this server has not yet been promoted from learner to voting member'
      else if ((await client.members()).some(member => member.name === name)) return client
      else reason = 'this server is a not a member of the etcd cluster'
    } catch (error) {
      reason = explain(error)
    }
    if (reason !== told) log.info(`Failed to test etcd connection: ${reason}`)
    told = reason
    await delay(100)
  }
}
