import type { Discovered, DiscoverRequest } from '../../contract/discovery.ts'
import { pinHostKeys } from '../../clusters/learnt.ts'
import type { FoundCluster, KnownCluster, LookRequest } from '../../distributions/discovery/foundCluster.ts'
import type { NodeSpec } from '../../domain/cluster.ts'
import { SlipwayError } from '../../domain/errors.ts'
import { refuseOtherHash } from '../../domain/planHash.ts'
import { withoutRun } from '../../domain/placeholders.ts'
import { isIdentified } from '../../domain/recordedCluster.ts'
import { hashOf } from '../../engine/plan/canonical.ts'
import { z } from 'zod'
import { clusterSecretPurpose } from '../../store/clusters.ts'
import { nameTaken, recordDiscovery } from '../../store/discovery.ts'
import { keepFiles } from '../../store/storedFiles.ts'
import type { Application } from '../application.ts'
import { differencesOf, goneNodes, statusOf, waitingNodes } from './differences.ts'
import { otherDifferences } from './otherDifferences.ts'
import { readKnown, type Known } from './readKnown.ts'

/**
 * Looks at a cluster that others have made, and puts it on record: at once where there is no record of it, else only when
 * the differences were approved that are found now. Nothing is changed in the cluster or on its machines.
 * @throws SlipwayError `cluster-conflict` for the name of a cluster that Slipway has made, and for addresses that are
 * taken; `other-cluster`, `plan-changed`, `lease-held`, and what looking at it may throw.
 */
export async function discoverCluster(
  application: Application,
  request: DiscoverRequest,
  signal: AbortSignal,
): Promise<Discovered> {
  const { name, approve, dry_run } = request
  const known = await readKnown(application, name)
  if (known?.type === 'managed') throw nameTaken(name)
  const found = await application.lookAtCluster(lookRequest(request, known), signal).catch((error: unknown) => {
    throw outsideOfRun(error)
  })
  if (known && known.uid !== null && known.uid !== found.uid) throw otherCluster(name, known.uid, found.uid)
  const waiting = known ? waitingNodes(known, found.nodes) : []
  const { spec } = found.desired
  const nodes = inOrderOf(known?.spec.nodes ?? [], [...spec.nodes, ...waiting])
  const desired = { ...found.desired, spec: { ...spec, nodes } }
  const differences = [
    ...differencesOf(known, { spec: desired.spec, nodes: found.nodes }),
    ...(known ? otherDifferences(known, found) : []),
  ]
  const hash = hashOf(
    z.json().parse(JSON.parse(JSON.stringify({ differences, desired, uid: found.uid, server: found.server?.ca_hash }))),
  )
  if (approve !== null) refuseOtherHash(approve, hash)
  const recorded = !dry_run && differences.length > 0 && (known === null || approve !== null)
  if (recorded) await record(application, { ...found, desired }, known)
  const { distribution, version } = desired.spec
  return {
    cluster: name,
    distribution,
    version,
    hash,
    first: known === null,
    recorded,
    differences,
    findings: found.findings,
    nodes: found.nodes.map(({ hostname, role, internal_ip, version: of, failure }) => ({
      hostname,
      role,
      internal_ip,
      version: of,
      failure,
    })),
  }
}

/** As a file of the user has them; those that are new come last. */
function inOrderOf(known: readonly NodeSpec[], nodes: readonly NodeSpec[]): NodeSpec[] {
  const places = new Map(known.map(({ hostname }, place) => [hostname, place]))
  return nodes.toSorted((a, b) => (places.get(a.hostname) ?? known.length) - (places.get(b.hostname) ?? known.length))
}

function lookRequest({ name, kubeconfig, server }: DiscoverRequest, known: Known | null): LookRequest {
  return {
    cluster: name,
    kubeconfig: kubeconfig ?? null,
    known: known && knownCluster(known),
    server: server
      ? {
          host: server.host,
          ssh: {
            ...(server.user !== undefined && { user: server.user }),
            ...(server.port !== undefined && { port: server.port }),
            ...(server.key && { key_file: server.key.path }),
            ...(server.sudo !== undefined && { sudo: server.sudo }),
            ...(server.sudo_password && { sudo_password_file: server.sudo_password.path }),
          },
          files: Object.fromEntries(
            [server.key, server.sudo_password].flatMap(file => (file ? [[file.path, file.content]] : [])),
          ),
        }
      : null,
  }
}

const knownCluster = ({ desired, files, hostKeys, kubeconfig, ca_hash, spec }: Known): KnownCluster => ({
  desired,
  hostKeys,
  kubeconfig,
  first: spec.nodes.find(({ role }) => role === 'initial_master')?.hostname ?? null,
  login: isIdentified({ ca_hash }) ? { ssh: spec.ssh ?? {}, files } : null,
})

/** No run was under way that could be gone on with. */
function outsideOfRun(thrown: unknown): unknown {
  if (!(thrown instanceof SlipwayError)) return thrown
  const { code, message, remedy, facts, findings } = thrown
  return new SlipwayError(code, message, {
    remedy: withoutRun(remedy, 'discover again'),
    facts,
    findings,
    cause: thrown,
  })
}

const otherCluster = (name: string, recorded: string, found: string): SlipwayError =>
  new SlipwayError(
    'other-cluster',
    `this is not ${name}: its namespace kube-system is ${found}, recorded is ${recorded}`,
    {
      facts: { cluster: name, recorded, found },
    },
  )

async function record(
  { store, sealer, distributions }: Application,
  found: FoundCluster,
  known: Known | null,
): Promise<void> {
  const { desired, server, kubeconfig } = found
  const { name } = desired.metadata
  const states = new Map(known?.nodes.map(node => [node.hostname, node]))
  const seal = (secret: 'kubeconfig' | 'token' | 'agent_token', clear: string | undefined) =>
    clear === undefined ? null : sealer.seal(clusterSecretPurpose(name, secret), clear)
  await recordDiscovery(
    store.database,
    {
      desired,
      storedVersion: known?.desired_version ?? 0,
      uid: found.uid,
      api_endpoint: found.api_endpoint,
      identity: server && { ca_hash: server.ca_hash, etcd_cluster: server.etcd_cluster },
      nodes: found.nodes.map(node => ({
        hostname: node.hostname,
        status: statusOf(node, states.get(node.hostname)),
        error: node.failure,
        version: node.version,
        adopted: found.adopted.get(node.hostname) ?? null,
      })),
      gone: known ? goneNodes(known, found.nodes) : [],
      secrets: {
        kubeconfig: seal('kubeconfig', kubeconfig),
        token: seal('token', server?.token),
        agent_token: seal('agent_token', server?.agent_token),
      },
    },
    async tx => {
      await keepFiles(tx, sealer, name, distributions.keyFilesOf(desired.spec), found.files)
      await pinHostKeys(tx, name, found.hostKeys)
    },
  )
}
