import { isServer } from '../../../domain/cluster.ts'
import { type Finding, SlipwayError, toSlipwayError } from '../../../domain/errors.ts'
import type { AdoptedConfiguration } from '../../../domain/adoptedConfiguration.ts'
import { hostList } from '../../../domain/hostList.ts'
import { createLimiter } from '../../../processes/limiter.ts'
import type { HostAccess } from '../../../hosts/access.ts'
import { keyedHash } from '../../../secrets/seal.ts'
import type { MachinesLook, MachinesReading } from '../../contract.ts'
import { nodeOf } from '../arguments.ts'
import { argumentsFor } from '../desiredCluster.ts'
import { checkCluster } from '../spec/rules/checkCluster.ts'
import { type Rke2Node, type Rke2Spec, rke2Spec } from '../spec/spec.ts'
import { fileHashes, meaningHash, wantedFiles } from '../wantedFiles.ts'
import { endpointOf, joinedAt } from './endpointOf.ts'
import { saysTheSame } from './sameMeaning.ts'
import { type Settings, settingsOf } from './settings.ts'
import { variablesOf } from './variables.ts'
import { readWritten, type Written } from './written.ts'

/** SSH clients at a time. */
const machinesAtOnce = 64

interface Read {
  readonly node: Rke2Node
  readonly written: Written
  /** Null: nothing that RKE2 could read. */
  readonly settings: Settings | null
}

/** What the configurations of all machines say, as a desired state, and which of them may stay as they are. */
export async function readMachines(
  hosts: HostAccess,
  spec: Rke2Spec,
  look: MachinesLook,
  signal: AbortSignal,
): Promise<MachinesReading<Rke2Spec>> {
  const limiter = createLimiter(machinesAtOnce)
  const findings: Finding[] = []
  const all = await Promise.all(
    spec.nodes.map(node =>
      limiter
        .run(async (): Promise<Read> => {
          const written = await readWritten(hosts, node.hostname, null, signal)
          return { node, written, settings: settingsOf(written.files) }
        }, signal)
        .catch((error: unknown) => {
          signal.throwIfAborted()
          findings.push(notRead(node, toSlipwayError(error)))
          return null
        }),
    ),
  )
  const read = all.filter(one => one !== null)
  findings.push(...read.filter(({ settings }) => settings === null).map(({ node }) => unreadable(node)))
  const machines = read.flatMap(({ node, written, settings }) => (settings ? [{ node, written, settings }] : []))
  const api_endpoint = spec.api_endpoint ?? endpointOf(machines, spec.nodes)
  const { cluster, nodes, unspoken } = variablesOf(machines, api_endpoint ?? null)
  const seen = new Set(machines.map(({ node }) => node.hostname))
  const desired = rke2Spec.safeParse({
    ...spec,
    api_endpoint,
    cluster_vars: Object.keys(cluster).length > 0 ? cluster : undefined,
    nodes: spec.nodes.map(node => (seen.has(node.hostname) ? { ...node, node_vars: nodes.get(node.hostname) } : node)),
  })
  if (!desired.success) throw unspeakable(desired.error.issues[0])
  const adopted = adoptedOf(desired.data, machines, look)
  return {
    spec: desired.data,
    adopted,
    findings: [
      ...findings,
      ...[...unspoken].map(([hostname, keys]) => notSaid(hostname, keys)),
      ...registriesFinding(read),
      ...checkCluster(desired.data).map(
        ({ path: _path, ...finding }): Finding => ({ ...finding, severity: 'warning' }),
      ),
    ],
  }
}

function adoptedOf(
  spec: Rke2Spec,
  machines: readonly { readonly node: Rke2Node; readonly written: Written; readonly settings: Settings }[],
  { hashKey, token, agent_token, ca_hash }: MachinesLook,
): ReadonlyMap<string, AdoptedConfiguration> {
  const servers = spec.nodes.filter(isServer).map(nodeOf)
  const given = argumentsFor({ name: 'any', spec, accepted: [] }, servers)
  const secrets = { token, agent_token, token_differs: false, registry_auth: {}, config: {}, vrrp: '' }
  const endpoint = spec.api_endpoint ?? null
  const wanted = new Map(spec.nodes.map(node => [node.hostname, node]))
  return new Map(
    machines.flatMap(({ node: { hostname }, written, settings }) => {
      const found = wanted.get(hostname)
      // Files beside it are judged by their own rules, as on any machine.
      const file = written.files.find(({ path }) => path.endsWith('/config.yaml'))
      if (!found || !file) return []
      const node = nodeOf(found)
      const kind = node.role === 'initial_master' ? 'initial' : node.role === 'master' ? 'joining' : 'worker'
      const joins = joinedAt(settings) ?? (kind === 'initial' ? null : 'any')
      const files = wantedFiles({
        cluster: given([node]).cluster,
        node,
        kind,
        joins,
        secrets,
        caHash: ca_hash,
        own: [],
      })
      const meant = { wanted: files.config, machineName: written.hostname, token, agent_token, endpoint }
      const hash = keyedHash(hashKey, Buffer.from(file.content, 'base64'))
      const isOurs = hash === fileHashes(hashKey, files).config
      return isOurs || !saysTheSame({ node: found, settings }, meant)
        ? []
        : [[hostname, { file: hash, meaning: meaningHash(hashKey, files) }]]
    }),
  )
}

const warning = (name: Finding['name'], about: string, message: string, remedy: string): Finding => ({
  name,
  severity: 'warning',
  about,
  message,
  remedy,
})

const notRead = ({ hostname }: Rke2Node, error: SlipwayError): Finding =>
  warning(
    'machine-not-read',
    `node ${hostname}`,
    `what its configuration says is not known: ${error.message}`,
    `${error.remedy} Then discover again.`,
  )

const unreadable = ({ hostname }: Rke2Node): Finding =>
  warning(
    'machine-not-read',
    `node ${hostname}`,
    'its configuration is no YAML that RKE2 could read',
    'Put /etc/rancher/rke2/config.yaml right on it, then discover again.',
  )

const notSaid = (hostname: string, keys: readonly string[]): Finding =>
  warning(
    'setting-not-said',
    `node ${hostname}`,
    `no cluster file can say what its configuration says of ${keys.join(', ')}`,
    'It stays there as long as nothing else of this configuration is changed; the plan of such a change says that it is written anew, and without it.',
  )

function registriesFinding(read: readonly Read[]): Finding[] {
  const having = read.filter(({ written }) => written.registries).map(({ node }) => node.hostname)
  if (having.length === 0) return []
  return [
    warning(
      'registries-not-said',
      `${having.length === 1 ? 'node' : 'nodes'} ${hostList(having)}`,
      'registries.yaml is not read: it may hold logins. It stays where it is, and nodes that are added get none',
      'Write it in spec.registries before nodes are added, if they need it as well.',
    ),
  ]
}

const unspeakable = (
  issue: { readonly path: readonly PropertyKey[]; readonly message: string } | undefined,
): SlipwayError =>
  new SlipwayError(
    'nothing-to-record',
    `what the machines say is no desired state that Slipway could keep: ${issue?.path.join('.')}: ${issue?.message}`,
  )
