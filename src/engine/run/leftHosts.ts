import type { DomainChange } from '../../domain/changes.ts'
import { type Finding, SlipwayError, toSlipwayError } from '../../domain/errors.ts'
import { leftOutText } from '../../contract/plan.ts'
import type { Missed } from '../plan/leaveOut.ts'
import type { HostResult, NewEvent } from '../contract/records.ts'
import type { BoundStage, HostOutcome, LeftOut } from '../contract/stage.ts'

/** Hosts of a stage that an attempt does not touch. */
export interface LeftHosts {
  readonly leftOut: readonly LeftOut[]
  readonly missed: readonly Missed[]
}

export const namesOf = ({ leftOut, missed }: LeftHosts): ReadonlySet<string> =>
  new Set([...leftOut, ...missed].map(({ host }) => host))

/** What goes on record of them together with the step of their stage. */
export function recordsOf(
  left: LeftHosts,
  stage: string,
  attempt: number,
  records: BoundStage['records'],
): { readonly results: HostResult[]; readonly events: NewEvent[]; readonly changes: DomainChange[] } {
  const said = [
    ...left.leftOut.map(one => ({ host: one.host, outcome: 'skipped' as HostOutcome, message: toldOf(one) })),
    ...left.missed.map(({ host, findings }) => ({ host, outcome: outcomeOf(findings), message: reasonOf(findings) })),
  ]
  return {
    results: said.map(one => ({ stage, attempt, ...one })),
    events: said.map(
      ({ host, outcome, message }): NewEvent => ({
        type: 'host-result',
        stage,
        attempt,
        host,
        message,
        data: { outcome, reason: message },
      }),
    ),
    changes: [
      ...left.leftOut.flatMap(({ host, reason }) => records?.leftOut?.(host, reason) ?? []),
      ...left.missed.flatMap(({ host, findings }) => records?.batch?.missed?.(host, reasonOf(findings)) ?? []),
    ],
  }
}

/** That nobody reaches a machine says it all. */
const toldOf = (one: LeftOut): string =>
  one.accepted === undefined ? leftOutText(one) : `${leftOutText(one)}: ${one.reason}`

const outcomeOf = (findings: readonly Finding[]): HostOutcome =>
  findings.some(({ name }) => name === 'host-unreachable') ? 'unreachable' : 'failed'

const reasonOf = (findings: readonly Finding[]): string => findings.map(({ message }) => message).join('; ')

/** The end of a batch whose other hosts are done: one finding a host, also for those that failed on the way. */
export function missedError(missed: readonly Missed[], thrown: unknown): SlipwayError {
  const findings = missed.flatMap(one => one.findings)
  const names = missed.map(({ host }) => host).join(', ')
  if (thrown === null)
    return new SlipwayError('preflight-failed', `${names} could not take part; the others are done`, { findings })
  const error = toSlipwayError(thrown)
  return new SlipwayError(error.code, `${error.message}; ${names} could not take part`, {
    cause: error,
    facts: error.facts,
    remedy: error.remedy,
    findings: [...findings, ...(error.findings.length > 0 ? error.findings : [findingOf(error)])],
  })
}

const findingOf = ({ code, message, remedy, facts }: SlipwayError): Finding => ({
  name: code,
  severity: 'error',
  about: typeof facts['host'] === 'string' ? `node ${facts['host']}` : 'the others',
  message,
  remedy,
})
