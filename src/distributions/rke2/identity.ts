import { acceptanceOfAbsence, acceptedAbsences } from '../../domain/acceptance.ts'
import { SlipwayError } from '../../domain/errors.ts'
import type { AttemptContext } from '../../engine/contract/stage.ts'
import type { EtcdFacts } from '../etcdFacts.ts'
import type { HostFacts } from './host/facts.ts'
import type { NodeArguments, StageArguments } from './arguments.ts'
import { observeAgain } from './observeCluster.ts'
import { memberOf, namesOf } from './membership.ts'
import { deletion } from './otherEtcd.ts'
import type { Bootstrap } from '../../clusters/session.ts'
import type { Rke2Session } from './session.ts'

/** ms between looks at a server that has not heard of a new member yet, and how often it is looked at. */
const pause = 500
const looks = 20

const takeAway =
  'It was not taken into use. Look on it for what leads RKE2 elsewhere (drop-ins and environment files of its unit, RKE2_ variables, config.yaml.d), take that away, uninstall RKE2 there with rke2-uninstall.sh, and apply again.'

const wrong = (node: NodeArguments, message: string, remedy = takeAway): SlipwayError =>
  new SlipwayError('wrong-cluster', `${node.hostname} is ready, but not as a member of this cluster: ${message}`, {
    remedy,
    facts: { host: node.hostname },
  })

/** A member's own word of the cluster that it is in. */
export interface ProvenIdentity {
  readonly ca_hash: string
  readonly etcd_cluster: string
}

/**
 * The server that has made the cluster: it is alone in its etcd. Beside it may be those of the same file: the record of
 * a cluster may have been put back from before it was made.
 * @throws SlipwayError `service-failed` without a CA or an answer of etcd, `wrong-cluster` when others are members.
 */
export async function proveFirst(
  session: Rke2Session,
  stage: StageArguments,
  node: NodeArguments,
  context: AttemptContext,
): Promise<ProvenIdentity> {
  const facts = await observeAgain(session, stage, node, context)
  const ca_hash = caOf(facts, node)
  const etcd = etcdOf(facts, node)
  if (!isVoter(etcd, node))
    throw wrong(node, `its etcd has the members ${namesOf(etcd)}, and ${node.hostname} does not vote among them`)
  const known = stage.servers.map(server => memberOf(etcd, server)?.id)
  const strangers = etcd.members.filter(member => !known.includes(member.id))
  if (strangers.length > 0)
    throw wrong(
      node,
      `it was to make a new one, and its etcd has members that are none of the file’s servers (${namesOf({ members: strangers })})`,
    )
  return { ca_hash, etcd_cluster: etcd.cluster_id }
}

/**
 * A server that was to join, or that goes on as a member: CA and etcd are the recorded ones, and another server, where
 * there is one, has it in its list as a voter.
 * @throws SlipwayError `wrong-cluster`, `service-failed` as above.
 */
export async function proveMember(
  session: Rke2Session,
  stage: StageArguments,
  node: NodeArguments,
  context: AttemptContext,
): Promise<void> {
  const recorded = await session.bootstrap()
  const others = stage.servers.filter(server => server.hostname !== node.hostname)
  const ask = (other: NodeArguments) => testimonyOf(session, stage, other, recorded, context)
  // Both are looked at anew, and at once: where the witness does not know the member yet it is asked again.
  const [first] = others
  const [facts, witness] = await Promise.all([observeAgain(session, stage, node, context), first && ask(first)])
  const etcd = etcdOf(facts, node)
  proveAuthority(node, caOf(facts, node), recorded)
  if (
    recorded.etcd_cluster !== null &&
    etcd.cluster_id !== recorded.etcd_cluster &&
    !stage.accepted.includes('cluster-restored')
  )
    throw wrong(node, `its etcd cluster is ${etcd.cluster_id}, recorded is ${recorded.etcd_cluster}`)
  if (!isVoter(etcd, node))
    throw wrong(node, `its etcd has the members ${namesOf(etcd)}, and ${node.hostname} does not vote among them`)
  const words: OtherWord[] = []
  for (const other of others) {
    const said = other === first && witness ? witness : await ask(other)
    words.push({ other, said })
    if (said.kind !== 'etcd') continue
    if (said.etcd.cluster_id !== etcd.cluster_id)
      throw wrong(node, `its etcd cluster is ${etcd.cluster_id}, that of ${other.hostname} is ${said.etcd.cluster_id}`)
    // One that falls silent before it has said so proves nothing: the next one is asked.
    if (await isHeardOf(session, stage, { node, id: etcd.member_id, other, witness: said.etcd }, recorded, context))
      return
  }
  const silenced = words.filter(({ said }) => said.kind === 'etcd').map(({ other }) => other.hostname)
  if (silenced.length > 0) throw unproven(node, silenced)
  // Nobody can be asked now; its own list has to show that it is not alone, unless it always was.
  if (etcd.members.length === 1 && recorded.joiner_started) proveAlone(node, words, acceptedAbsences(stage.accepted))
}

/** What became of the question to another server. */
interface OtherWord {
  readonly other: NodeArguments
  readonly said: Testimony
}

/**
 * A member alone in its etcd that was not always so: it is after a restore, or when the others were taken out. Who holds
 * no data of etcd says nothing against it, nor does one whose absence was accepted.
 * @throws SlipwayError `wrong-cluster`.
 */
function proveAlone(node: NodeArguments, words: readonly OtherWord[], absences: ReadonlySet<string>): void {
  const unseen = words.filter(({ other, said }) => said.kind === 'unseen' && !absences.has(other.hostname))
  const holding = words.filter(({ said }) => said.kind === 'silent')
  const names = (some: readonly OtherWord[]) => some.map(({ other }) => other.hostname).join(', ')
  const reasons = [
    unseen.length > 0 && `${names(unseen)} could not be asked`,
    holding.length > 0 &&
      `${names(holding)} may hold the cluster: there is data of etcd that does not answer for this one`,
  ].filter(reason => reason !== false)
  if (reasons.length === 0) return
  const remedies = [
    unseen.length > 0 &&
      `Bring back ${names(unseen)}, or leave out what is lost: ${unseen.map(({ other }) => `--accept ${acceptanceOfAbsence(other.hostname)}`).join(' ')}.`,
    ...holding.map(
      ({ other, said }) =>
        said.kind === 'silent' &&
        `Start rke2-server on ${other.hostname}; or, if its data is of no use any more, delete it there, as root: ${deletion(said.facts)}.`,
    ),
  ].filter(remedy => remedy !== false)
  throw wrong(
    node,
    `it is the only member of its etcd, and ${reasons.join('; ')}`,
    `${remedies.join(' ')} Then apply again.`,
  )
}

const unproven = (node: NodeArguments, silenced: readonly string[]): SlipwayError =>
  new SlipwayError(
    'service-failed',
    `${node.hostname} is ready, but nobody could be asked whether it is a member: ${silenced.join(', ')} answered at first and then no more`,
    {
      remedy: `Bring ${silenced.join(' or ')} back; then \`slipway resume\`.`,
      facts: { host: node.hostname },
    },
  )

/** The CA that an agent trusts is the recorded one. @throws SlipwayError `wrong-cluster`. */
export function proveAuthority(node: NodeArguments, ca_hash: string | null, recorded: Bootstrap): void {
  if (recorded.ca_hash === null || ca_hash === recorded.ca_hash) return
  throw wrong(
    node,
    ca_hash === null
      ? 'its data folder holds no CA of a cluster'
      : `its CA is ${ca_hash.slice(0, 12)}, recorded is ${recorded.ca_hash.slice(0, 12)}`,
  )
}

/** What another server says: its etcd; that it holds none; nothing of use, though it holds one; or it was not reached. */
type Testimony =
  | { readonly kind: 'etcd'; readonly etcd: EtcdFacts }
  | { readonly kind: 'none' }
  | { readonly kind: 'silent'; readonly facts: HostFacts }
  | { readonly kind: 'unseen' }

async function testimonyOf(
  session: Rke2Session,
  stage: StageArguments,
  server: NodeArguments,
  recorded: Bootstrap,
  context: AttemptContext,
): Promise<Testimony> {
  try {
    const facts = await observeAgain(session, stage, server, context)
    const { data, cluster } = facts
    if (!data.etcd_member) return { kind: 'none' }
    if (data.ca_hash !== recorded.ca_hash || !cluster?.nodes || !cluster.etcd) return { kind: 'silent', facts }
    const isRecorded = recorded.etcd_cluster === null || cluster.etcd.cluster_id === recorded.etcd_cluster
    return isRecorded || stage.accepted.includes('cluster-restored')
      ? { kind: 'etcd', etcd: cluster.etcd }
      : { kind: 'silent', facts }
  } catch (error) {
    context.signal.throwIfAborted()
    if (error instanceof SlipwayError) return { kind: 'unseen' }
    throw error
  }
}

interface Hearing {
  readonly node: NodeArguments
  readonly id: string | null
  readonly other: NodeArguments
  readonly witness: EtcdFacts
}

/**
 * Another server's list may lag behind for a moment: it is read again until it has the new voter. False: it fell silent
 * before.
 * @throws SlipwayError `wrong-cluster` when it goes on answering and never has it.
 */
async function isHeardOf(
  session: Rke2Session,
  stage: StageArguments,
  { node, id, other, witness }: Hearing,
  recorded: Bootstrap,
  context: AttemptContext,
): Promise<boolean> {
  let seen = witness
  for (let left = looks; ; left--) {
    if (seen.members.some(member => member.id === id && !member.learner)) return true
    if (left === 0)
      throw wrong(node, `${other.hostname} has the members ${namesOf(seen)} in its etcd, and not ${node.hostname}`)
    await new Promise(resolve => setTimeout(resolve, pause))
    context.signal.throwIfAborted()
    const again = await testimonyOf(session, stage, other, recorded, context)
    if (again.kind !== 'etcd') return false
    seen = again.etcd
  }
}

const isVoter = (etcd: EtcdFacts, node: NodeArguments): boolean => {
  const own = memberOf(etcd, node)
  return own !== undefined && !own.learner && own.id === etcd.member_id
}

function caOf({ data }: HostFacts, node: NodeArguments): string {
  if (data.ca_hash !== null) return data.ca_hash
  // On record without its CA the cluster could never be joined, nor be told from another one.
  throw new SlipwayError('service-failed', `${node.hostname} is ready, but ${data.path} holds no CA of a cluster`, {
    remedy: `Look for server/tls/server-ca.crt on ${node.hostname}: RKE2 keeps its data in another folder than cluster_vars says.`,
    facts: { host: node.hostname, path: data.path },
  })
}

function etcdOf({ cluster, data }: HostFacts, node: NodeArguments): EtcdFacts {
  if (cluster?.etcd) return cluster.etcd
  throw new SlipwayError(
    'service-failed',
    `${node.hostname} is ready, but its etcd does not say who is a member (port 2380, with the certificates in ${data.path}/server/tls/etcd)`,
    { facts: { host: node.hostname } },
  )
}
