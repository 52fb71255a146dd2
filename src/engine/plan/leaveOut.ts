import type { Finding } from '../../domain/errors.ts'
import { leftOutText } from '../../contract/plan.ts'
import type { Decision, LeftOut, Observation, Unmet } from '../contract/stage.ts'

/** A look without the hosts that were left out of it. */
export interface Part {
  readonly observation: Observation
  /** As was accepted by name. */
  readonly leftOut: readonly LeftOut[]
}

/**
 * Leaves out the hosts whose absence was accepted: those that the look finds so, and those that the approved decision
 * was made without (what would have to be done there was never approved; a later plan catches them up).
 */
export function acceptedPart(observation: Observation, approved: readonly LeftOut[] = []): Part {
  const left = new Map(approved.map(one => [one.host, one]))
  for (const { accepted, hosts = [], message: reason } of observation.unmet)
    if (accepted !== undefined)
      for (const host of hosts) left.set(host, left.get(host) ?? { host, reason, ...wordOf(accepted) })
  if (left.size === 0 || !observation.without) return { observation, leftOut: [] }
  const leftOut = [...left.values()]
  const rest = observation.without(new Set(left.keys()))
  if (rest === null) return { observation: absent(leftOut), leftOut }
  return { observation: { ...rest, decision: { ...rest.decision, left_out: leftOut } }, leftOut }
}

/** `unreachable` is the usual one, and is not said. */
const wordOf = (accepted: string): Pick<LeftOut, 'accepted'> => (accepted === 'unreachable' ? {} : { accepted })

/** Nothing remains to act on. */
const absent = (leftOut: readonly LeftOut[]): Observation => ({
  unmet: [],
  decision: { kind: 'skip', reason: leftOutReason(leftOut), left_out: leftOut, absent: true },
  execute: nothing,
})

export const leftOutReason = (leftOut: readonly LeftOut[]): string =>
  [...Map.groupBy(leftOut, leftOutText)]
    .map(([text, some]) => `${some.map(({ host }) => host).join(', ')} ${some.length === 1 ? 'is' : 'are'} ${text}`)
    .join('; ')

/** A look of the hosts that can take part, and what is wrong with the others. */
export interface Others {
  readonly observation: Observation
  readonly missed: readonly Missed[]
}

/** A host of a batch that can't take part, with everything that keeps it from that. */
export interface Missed {
  readonly host: string
  readonly findings: readonly Finding[]
}

/**
 * Each host of a batch stands for itself: those that something is wrong with are left out, as long as nothing is wrong
 * that concerns all of them. What has been left out is never touched; when nobody remains nothing is done at all.
 */
export function othersOf(observation: Observation): Others {
  const missed = new Map<string, Unmet[]>()
  for (let rest = observation; ; ) {
    const errors = rest.unmet.filter(({ severity }) => severity === 'error')
    const concerned = new Set(errors.flatMap(({ hosts }) => hosts ?? []))
    const mayGoOn = errors.every(({ hosts }) => hosts !== undefined && hosts.length > 0)
    if (concerned.size === 0 || !rest.without || !mayGoOn) return { observation: rest, missed: listed(missed) }
    for (const error of errors)
      for (const host of error.hosts ?? []) missed.set(host, [...(missed.get(host) ?? []), error])
    const next = rest.without(concerned)
    if (next === null) return { observation: nobody, missed: listed(missed) }
    rest = next
  }
}

const nothing = async () => async () => {}

const nobody: Observation = { unmet: [], decision: { kind: 'skip', reason: 'no host can take part' }, execute: nothing }

const listed = (missed: ReadonlyMap<string, readonly Unmet[]>): Missed[] =>
  [...missed].map(([host, unmet]) => ({
    host,
    findings: unmet.map(
      ({ name, severity, about, message, remedy }): Finding => ({ name, severity, about, message, remedy }),
    ),
  }))

/** Hosts that a decision was made without. */
export const leftOutOf = (decision: {
  readonly kind: Decision['kind'] | 'unknown'
  readonly left_out?: readonly LeftOut[] | undefined
}): readonly LeftOut[] => decision.left_out ?? []
