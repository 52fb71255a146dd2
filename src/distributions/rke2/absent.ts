import { acceptanceOfAbsence, acceptedAbsences } from '../../domain/acceptance.ts'
import type { ErrorCode, SlipwayError } from '../../domain/errors.ts'
import type { DomainChange } from '../../domain/changes.ts'
import type { Unmet } from '../../engine/contract/stage.ts'
import type { NodeArguments, StageArguments } from './arguments.ts'
import type { ObservedHost } from './observedHost.ts'
import type { ObservedCluster } from './observeCluster.ts'

/** What counts as out of reach: no connection, no login, or nobody who answers there. */
export const outOfReach: ReadonlySet<ErrorCode> = new Set([
  'host-unreachable',
  'authentication-failed',
  'host-reply-invalid',
  'stage-timeout',
])

/** What a host's failure and its acceptance are judged by. */
interface Absence {
  readonly bootstrap: Pick<ObservedCluster['bootstrap'], 'state'>
  readonly accepted: readonly string[]
}

/** Findings about hosts that could not be looked at. */
export function unreachable(
  { nodes, bootstrap }: Pick<ObservedCluster, 'nodes' | 'bootstrap'>,
  { accepted }: Pick<StageArguments, 'accepted'>,
): Unmet[] {
  return nodes.flatMap(({ node, error }) => (error === null ? [] : [absence(node, error, { bootstrap, accepted })]))
}

/**
 * A host that does not answer, whether it was never reached or was lost after the look. Where people accepted that by
 * name it is left out; only the server that is to make the cluster can't be.
 */
export function absence(
  { hostname, role }: Pick<NodeArguments, 'hostname' | 'role'>,
  { code, message, remedy }: Pick<SlipwayError, 'code' | 'message' | 'remedy'>,
  { bootstrap, accepted }: Absence,
): Unmet {
  const mayBeLeftOut = outOfReach.has(code) && (role !== 'initial_master' || bootstrap.state === 'done')
  return {
    name: code,
    severity: 'error',
    about: `node ${hostname}`,
    message,
    remedy: mayBeLeftOut ? leavingOut(hostname, remedy) : withoutLeavingOut(remedy),
    hosts: [hostname],
    ...(mayBeLeftOut && acceptedAbsences(accepted).has(hostname) && { accepted: 'unreachable' }),
  }
}

/** The catalogue says of any machine how it is left out, and when it can't be. */
const withoutLeavingOut = (remedy: string): string => remedy.replace(/ A machine can be left out for now, .*$/, '')

/** With the word that leaves this machine out. */
function leavingOut(hostname: string, remedy: string): string {
  const word = acceptanceOfAbsence(hostname)
  return `${sentence(withoutLeavingOut(remedy))} To go on without it for now: --accept ${word}.`
}

/** One that another can follow. */
const sentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`)

/** Servers that may be left out: nobody needs to reach them meanwhile. */
export function expectedServers({ servers, accepted }: Pick<StageArguments, 'servers' | 'accepted'>): NodeArguments[] {
  const absences = acceptedAbsences(accepted)
  return servers.filter(({ hostname }) => !absences.has(hostname))
}

export const withoutHosts = (looks: readonly ObservedHost[], hosts: ReadonlySet<string>): ObservedHost[] =>
  looks.filter(({ node }) => !hosts.has(node.hostname))

/** The same finding with the nodes of this stage that it names: `node m1`, `nodes m1, w1`. */
export function concerning(nodes: readonly Pick<NodeArguments, 'hostname'>[]): (unmet: Unmet) => Unmet {
  const own = new Set(nodes.map(({ hostname }) => hostname))
  return unmet => {
    if (unmet.hosts !== undefined) return unmet
    const named = /^nodes? (.+)$/.exec(unmet.about)?.[1]?.split(', ') ?? []
    const hosts = named.filter(name => own.has(name))
    return hosts.length > 0 ? { ...unmet, hosts } : unmet
  }
}

/** What goes on record of a host that was left out, as was accepted. */
export const behind = (hostname: string, reason: string): readonly DomainChange[] => [
  { type: 'node-behind', hostname, reason: reason.split('\n', 1)[0] ?? '' },
]

/** What goes on record of a host that its batch had to go on without. */
export const missedNode = (hostname: string, reason: string): readonly DomainChange[] => [
  { type: 'node', hostname, event: 'install' },
  { type: 'node', hostname, event: 'fail', error: reason.split('\n', 1)[0] ?? '' },
]
