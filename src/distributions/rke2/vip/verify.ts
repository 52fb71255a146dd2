import { z } from 'zod'
import { SlipwayError, toSlipwayError } from '../../../domain/errors.ts'
import type { AttemptContext } from '../../../engine/contract/stage.ts'
import { runPython } from '../../../hosts/python.ts'
import { outOfReach } from '../absent.ts'
import type { NodeArguments, StageArguments } from '../arguments.ts'
import { caHash } from '../host/caHash.ts'
import type { Rke2Session } from '../session.ts'
import { peersOf } from './wanted.ts'

const answer = z.object({
  /** Base64. */
  ca: z
    .string()
    .max(1 << 18)
    .nullable(),
  supervisor: z.string().max(1000).nullable(),
  api: z.string().max(1000).nullable(),
})

const heard = z.object({ heard: z.string().max(100).nullable(), error: z.string().max(300).nullable() })

/** s: two looks of keepalived at the server, and the time after which it takes the VIP. */
const patience = 45
/** s; whoever holds the VIP says so each second, and may have to take it first. */
const listening = 12
const agentsAsked = 2

/**
 * Whether the cluster answers at its VIP, over the network and under its own CA.
 * @throws SlipwayError `vip-unanswered`, `wrong-cluster`
 */
export async function answersThroughVip(
  session: Rke2Session,
  stage: StageArguments,
  context: AttemptContext,
): Promise<void> {
  const { vip } = stage.cluster
  if (!vip) return
  const { asker, reply } = await askFrom(await askers(session, stage, context), hostname =>
    ask(session, hostname, vip.address, context),
  )
  const faults = [
    ...(reply.supervisor === null ? [] : [`9345: ${reply.supervisor}`]),
    ...(reply.api === null ? [] : [`6443: ${reply.api}`]),
  ]
  if (faults.length > 0)
    throw new SlipwayError(
      'vip-unanswered',
      `nobody serves at ${vip.address}, asked from ${asker}: ${faults.join('; ')}`,
      {
        remedy:
          vip.provider === 'kube-vip'
            ? 'On a server, as root: crictl logs of the container kube-vip, and crictl pods for its pod; its image may not be there. Then `slipway resume`.'
            : 'On a server, as root: journalctl -u slipway-vip, and /usr/libexec/keepalived/slipway-vip-check with RKE2’s data folder says what does not answer there. Then `slipway resume`.',
      },
    )
  const { ca_hash } = await session.bootstrap()
  if (ca_hash !== null && reply.ca !== null && caHash(Buffer.from(reply.ca, 'base64')) !== ca_hash)
    throw new SlipwayError(
      'wrong-cluster',
      `at ${vip.address} another cluster answers: its CA is not the recorded one`,
      {
        remedy: 'Find out which machine has the address (ip neigh show on a server), and take it from there.',
      },
    )
  await context.progress(`the cluster answers at ${vip.address} (9345 and 6443, asked from ${asker})`)
}

/** Somebody else on the same network says more than the server itself, which reaches the VIP by its own loopback. */
async function askers(
  session: Rke2Session,
  { nodes, servers }: StageArguments,
  { leftOut }: AttemptContext,
): Promise<NodeArguments[]> {
  const own = new Set(nodes.map(({ hostname }) => hostname))
  const agents = (await session.nodes()).filter(({ role }) => role === 'worker').slice(0, agentsAsked)
  const others = [...servers, ...agents].filter(({ hostname }) => !own.has(hostname))
  return [...others, ...nodes.filter(({ hostname }) => !leftOut.has(hostname)).toReversed()]
}

async function askFrom<Reply>(
  [asker, ...others]: readonly NodeArguments[],
  question: (hostname: string) => Promise<Reply>,
): Promise<{ readonly asker: string; readonly reply: Reply }> {
  if (!asker) throw new SlipwayError('internal', 'a stage without a node passed its schema')
  try {
    return { asker: asker.hostname, reply: await question(asker.hostname) }
  } catch (error) {
    if (others.length === 0 || !outOfReach.has(toSlipwayError(error).code)) throw error
    return askFrom(others, question)
  }
}

async function ask(session: Rke2Session, hostname: string, address: string, { signal, environment }: AttemptContext) {
  const request = {
    module: 'slipway.rke2.through_vip',
    arguments: { address, timeout: patience },
    timeout: (patience + 30) * 1000,
    sudo: false,
    signal,
    environment,
  }
  return runPython(await session.hosts(), hostname, request, answer)
}

/**
 * Before a further server may hold the VIP: it has to hear the one that does, or both would.
 * @throws SlipwayError `vrrp-blocked`
 */
export async function hearsTheOthers(
  session: Rke2Session,
  stage: StageArguments,
  node: NodeArguments,
  { signal, environment }: AttemptContext,
): Promise<void> {
  if (stage.cluster.vip?.provider === 'kube-vip') return
  const { hostname } = node
  const peers = peersOf(stage, node)
  const request = {
    module: 'slipway.rke2.hear_vrrp',
    arguments: { peers, timeout: listening },
    timeout: (listening + 20) * 1000,
    signal,
    environment,
  }
  const { heard: from, error } = await runPython(await session.hosts(), hostname, request, heard)
  if (from === null)
    throw new SlipwayError(
      'vrrp-blocked',
      `${hostname} hears nothing of the server that holds the VIP (${error ?? `VRRP of ${peers.join(', ')}, ${listening} s`}): both would hold it`,
      {
        remedy:
          'Open IP protocol 112 (VRRP) between the servers: it is neither TCP nor UDP. With firewalld: firewall-cmd --permanent --add-rich-rule=\'rule protocol value="vrrp" accept\' && firewall-cmd --reload. Then `slipway resume`.',
        facts: { host: hostname },
      },
    )
}
