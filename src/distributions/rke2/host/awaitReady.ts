import { z } from 'zod'
import { SlipwayError } from '../../../domain/errors.ts'
import { createRedactor } from '../../../secrets/redact.ts'
import type { HostAccess } from '../../../hosts/access.ts'
import { caHash } from './caHash.ts'
import { defaultDataDir } from './dataDir.ts'
import { type ClusterNodeFacts, clusterNode } from './facts.ts'
import { runPython } from '../../../hosts/python.ts'

export interface AwaitOptions {
  /** ms from now. */
  readonly deadline: number
  /** Gets a line for people whenever something changes. */
  readonly onProgress?: (message: string) => void | Promise<void>
  readonly signal?: AbortSignal
  readonly environment?: Readonly<Record<string, string>>
}

/** Lines of the journal that come with a failed service. */
const journalLines = 20
/** Ends of a service with the same words after which another start is not waited for. */
const hopelessEnds = 3
/** s within which a kubelet must have renewed its lease. */
const freshLease = 20

const request = (options: AwaitOptions) => ({
  timeout: options.deadline + 20_000,
  waits: true,
  ...(options.onProgress && { onProgress: options.onProgress }),
  ...(options.signal && { signal: options.signal }),
  ...(options.environment && { environment: options.environment }),
})

const serviceReply = z.object({
  state: z.enum(['active', 'failed', 'timeout']),
  reason: z.string().max(2000),
  restarts: z.int(),
  journal: z.array(z.string().max(1000)).max(100),
  /** What says most about its end: its last fatal line since its start, else its last error, else its last line. */
  said: z.object({ kind: z.enum(['fatal', 'error', 'line', 'none']), text: z.string().max(2000) }),
  /** Base64 of the file with the cluster's CA, once it is active; null without one. */
  ca: z
    .base64()
    .max(1 << 17)
    .nullable(),
})
type ServiceReply = z.infer<typeof serviceReply>

/**
 * Watches a unit, after its start was asked for, until it is active. Ends early when it fails, is restarted more than
 * `restartLimit` times (default 5), or ends three times with the same fatal words that no further start can change.
 * Tells which CA it has found below `dataDir`.
 * @throws SlipwayError `service-failed` or `stage-timeout`, with what the service itself gave as the reason in the
 *   message and in `facts.said`, and the lines of the journal that lead there in `facts.journal`; tokens masked. What
 *   `HostAccess.run` throws.
 */
export async function awaitService(
  access: HostAccess,
  hostname: string,
  options: AwaitOptions & { readonly unit: string; readonly restartLimit?: number; readonly dataDir?: string },
): Promise<{ readonly ca_hash: string | null }> {
  const { unit, deadline } = options
  const reply = await runPython(
    access,
    hostname,
    {
      module: 'slipway.rke2.await_service',
      arguments: {
        unit: unit.includes('.') ? unit : `${unit}.service`,
        deadline: deadline / 1000,
        restart_limit: options.restartLimit ?? 5,
        hopeless_limit: hopelessEnds,
        lines: journalLines,
        data_dir: options.dataDir ?? defaultDataDir,
      },
      ...request(options),
    },
    serviceReply,
  )
  if (reply.state === 'active') return { ca_hash: reply.ca === null ? null : caHash(Buffer.from(reply.ca, 'base64')) }
  const redactor = createRedactor()
  const journal = redactor.redact(reply.journal.join('\n'))
  const said = { ...reply.said, text: redactor.redact(reply.said.text) }
  throw new SlipwayError(
    reply.state === 'failed' ? 'service-failed' : 'stage-timeout',
    `${hostname}: ${endOf(unit, { ...reply, said })}`,
    { facts: { host: hostname, unit, restarts: reply.restarts, said: said.text, journal } },
  )
}

/** The service's own reason comes first: systemd's view of it explains nothing. */
function endOf(unit: string, { said, reason }: Pick<ServiceReply, 'said' | 'reason'>): string {
  switch (said.kind) {
    case 'fatal':
      return `${unit} ended: ${said.text} (${reason})`
    case 'error':
      return `${unit}: ${reason}; its last error: ${said.text}`
    case 'line':
      return `${unit}: ${reason}; its last word: ${said.text}`
    case 'none':
      return `${unit}: ${reason}`
  }
}

const nodeReply = z.object({
  ready: z.boolean(),
  missing: z.array(z.string().max(1000)).max(20),
  node: clusterNode.nullable(),
})

/**
 * Watches, on a server of the cluster, until a node is ready by RKE2's full definition: `/readyz`, condition Ready with
 * a lease renewed just now, on servers condition EtcdIsVoter, and the kubelet at the wanted version.
 * @throws SlipwayError `stage-timeout` naming what was missing; what `HostAccess.run` throws.
 */
export async function awaitNode(
  access: HostAccess,
  serverHostname: string,
  options: AwaitOptions & {
    readonly node: string
    /** `v1.34.1+rke2r1`; null: any. */
    readonly version: string | null
    readonly voter: boolean
    /** ms that were waited for it before; only told. Default 0. */
    readonly waited?: number
  },
): Promise<ClusterNodeFacts> {
  const { node, version, voter, deadline, waited = 0 } = options
  const reply = await runPython(
    access,
    serverHostname,
    {
      module: 'slipway.rke2.await_node',
      arguments: { node, version, voter, fresh: freshLease, deadline: deadline / 1000 },
      ...request(options),
    },
    nodeReply,
  )
  if (reply.ready && reply.node) return reply.node
  throw new SlipwayError(
    'stage-timeout',
    `${node} is not ready after ${Math.round((waited + deadline) / 1000)} s: waiting for ${reply.missing.join(', ')}`,
    { facts: { host: node, asked: serverHostname } },
  )
}
