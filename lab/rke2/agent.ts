import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { hostOf, inUrl, parseAddress, parseRange, type Range } from './address.ts'
import { supervisorSigner } from './join.ts'
import { at, textMap, texts } from './json.ts'
import { apiAs } from './kubernetes-api.ts'
import { serveKubelet } from './kubelet-server.ts'
import { type LoadBalancer, startLoadBalancer } from './load-balancer.ts'
import { explain, log } from './log.ts'
import { kubeletStem, obtainKubeletCertificates, registerNode, startKubelet } from './node.ts'
import { ensureNodePassword } from './node-password.ts'
import { notifyReady } from './notify.ts'
import { type Paths, pathsOf } from './paths.ts'
import { persist } from './persist.ts'
import { linkTools } from './programs.ts'
import { podsAreReal } from './real-pods.ts'
import { checkFamilies } from './range-rules.ts'
import type { Settings } from './settings.ts'
import type { Stopping } from './stopping.ts'
import { supervisorPort } from './supervisor.ts'
import { connectSupervisor, type Supervisor } from './supervisor-client.ts'
import { untilKubeletStarts } from './troubles.ts'
import { broken, version } from './version.ts'

const refreshPause = 5000

/** Runs `rke2 agent` until it is stopped; returns when the node is registered. A refusal is tried again for ever, as in RKE2. */
export async function runAgent(settings: Settings, stopping: Stopping): Promise<void> {
  log.info(`Starting rke2 ${version} agent`)
  const { server, token } = settings
  if (server === undefined || token === undefined) throw new Error('--server and --token are required')
  const paths = pathsOf(settings.dataDir)
  await linkTools(paths)
  const password = await ensureNodePassword(paths.nodePassword)
  const urls = [server, ...(await readKnownServers(paths)).map(supervisorUrl)]

  const secure = await untilConnected(server, urls, token, paths)
  if (broken) await neverReady()
  const caFile = join(paths.agent, 'server-ca.crt')
  const { servers, shared } = await persist(
    'Waiting to retrieve agent configuration; server is not ready',
    1000,
    async () => {
      const supervisor = await connectAny(urls, secure, paths)
      const shared = textMap(JSON.parse(await supervisor.get('/v1-rke2/config')))
      await obtainKubeletCertificates(paths, settings, supervisorSigner(supervisor, settings, password))
      await writeFile(caFile, await supervisor.get('/v1-rke2/server-ca.crt'))
      await writeFile(join(paths.agent, 'client-ca.crt'), await supervisor.get('/v1-rke2/client-ca.crt'))
      return { shared, servers: texts(JSON.parse(await supervisor.get('/v1-rke2/apiservers'))) }
    },
  )
  const ranges = rangesOfCluster(shared)
  checkFamilies(ranges.cluster, ranges.service, nodeAddresses(settings))
  await keepKnownServers(paths, server, servers)
  await untilKubeletStarts(paths, settings)

  const first = hostOf(server)
  const balancers = [
    await startLoadBalancer(6443, 6443, [...servers, first]),
    await startLoadBalancer(6444, supervisorPort, [...servers, first]),
  ]
  const open = podsAreReal ? balancers : [...balancers, await serveKubelet(paths)]
  stopping.signal.addEventListener('abort', () => open.forEach(each => each.close()))
  const api = await apiAs(kubeletStem(paths), caFile)
  await persist('Waiting to register the node', 500, () => registerNode(api, settings))
  api.close()
  const asTheCluster = { ...settings, shared: { ...settings.shared, ...shared } }
  stopping.keep(...(await startKubelet(paths, asTheCluster, caFile, stopping.signal)))
  void followServers(paths, server, token, balancers, stopping.signal)
  await notifyReady()
  log.info('rke2 agent is up and running')
}

/** The cluster's ranges, which an agent learns from its server. */
function rangesOfCluster(shared: Readonly<Record<string, string>>): { cluster: Range[]; service: Range[] } {
  const read = (key: string) =>
    (shared[key] ?? '')
      .split(',')
      .map(parseRange)
      .filter(range => range !== undefined)
  return { cluster: read('cluster-cidr'), service: read('service-cidr') }
}

const nodeAddresses = (settings: Settings) =>
  [settings.nodeIp, ...settings.moreNodeIps].map(parseAddress).filter(address => address !== undefined)

/**
 * Tries every two seconds, as RKE2 does, and each time says what is wrong. Returns the token with the hash of the CA that
 * was found: from then on nobody has to be warned that it has none.
 */
async function untilConnected(server: string, urls: readonly string[], token: string, paths: Paths): Promise<string> {
  for (;;) {
    try {
      return (await connectAny(urls, token, paths)).token
    } catch (error) {
      log.error(`Failed to validate connection to cluster at ${server}: ${explain(error)}`)
    }
    await delay(2000)
  }
}

const supervisorUrl = (address: string) => `https://${inUrl(address)}:${supervisorPort}`

async function connectAny(urls: readonly string[], token: string, paths: Paths, told = false): Promise<Supervisor> {
  const failures: unknown[] = []
  for (const url of new Set(urls)) {
    try {
      return await connectSupervisor(url, token, 'node', kubeletStem(paths), told)
    } catch (error) {
      failures.push(error)
    }
  }
  throw new Error(failures.map(explain).join('; '))
}

/** Keeps the list of servers current, so that the loss of the one that was joined through is no loss. */
async function followServers(
  paths: Paths,
  server: string,
  token: string,
  balancers: readonly LoadBalancer[],
  stopped: AbortSignal,
): Promise<void> {
  let before = ''
  while (!stopped.aborted) {
    await delay(refreshPause, undefined, { signal: stopped }).catch(() => undefined)
    if (stopped.aborted) return
    try {
      const known = await readKnownServers(paths)
      const supervisor = await connectAny([...known.map(supervisorUrl), server], token, paths, true)
      const servers = texts(JSON.parse(await supervisor.get('/v1-rke2/apiservers')))
      if (servers.length === 0 || servers.join() === before) continue
      before = servers.join()
      log.info(`Updated load balancer server addresses -> [${servers.join(' ')}]`)
      await keepKnownServers(paths, server, servers)
      for (const balancer of balancers) balancer.setServers(servers)
    } catch (error) {
      log.warn(`Failed to retrieve list of apiservers from server: ${explain(error)}`)
    }
  }
}

async function readKnownServers(paths: Paths): Promise<string[]> {
  if (!existsSync(paths.loadBalancer)) return []
  return texts(at(JSON.parse(await readFile(paths.loadBalancer, 'utf8')), 'ServerAddresses'))
}

async function keepKnownServers(paths: Paths, server: string, servers: readonly string[]): Promise<void> {
  await mkdir(dirname(paths.loadBalancer), { recursive: true })
  await writeFile(paths.loadBalancer, JSON.stringify({ ServerURL: server, ServerAddresses: servers }))
}

async function neverReady(): Promise<never> {
  for (;;) {
    log.error('kubelet exited: exec format error')
    await delay(5000)
  }
}
