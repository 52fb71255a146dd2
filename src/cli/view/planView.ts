import { shortHash } from '../../domain/planHash.ts'
import { decisionNotes } from '../../contract/decisionNotes.ts'
import { isForgetting } from '../../contract/forgetting.ts'
import { leftOutText } from '../../contract/plan.ts'
import type { Planned } from '../../contract/plans.ts'
import { type Paint, printable } from '../terminal.ts'

type PlannedStage = Omit<Planned['stages'][number], 'name'> & { readonly name?: string }
interface PlanToShow extends Pick<Planned, 'title' | 'hash' | 'desired_version'>, Partial<Standing> {
  readonly stages: readonly PlannedStage[]
}
type Standing = Pick<Planned, 'kept' | 'returning'>

const signs = { create: '+', update: '~', restart: '↻', delete: '-' } as const
const styles = { create: 'green', update: 'yellow', restart: 'yellow', delete: 'red' } as const
const longestList = 8

/** A plan as people read it: what changes where and why; what has nothing to do in one line. */
export function planLines(plan: PlanToShow, paint: Paint): string[] {
  const skipped = plan.stages.filter(stage => stage.decision.kind === 'skip')
  // What looks done on the machines that were seen says nothing of those that were not.
  const doubtful = skipped.filter(hasError)
  const idle = skipped.filter(stage => !hasError(stage))
  const busy = plan.stages.filter(stage => stage.decision.kind !== 'skip')
  return [
    `${paint('bold', plan.title)}  plan ${shortHash(plan.hash)}, version ${plan.desired_version} of the desired state`,
    ...standingLines(plan).map(line => `  ${paint('yellow', line)}`),
    ...busy.flatMap(stage => ['', ...stageLines(stage, plan, paint)]),
    ...keyLine(doubtful, 'cannot be told, as the errors say', paint),
    ...keyLine(idle, 'nothing to do', paint),
  ]
}

/** What is to be known beside what the stages would do. */
export const standingLines = (plan: Pick<PlanToShow, 'stages' | 'kept' | 'returning'>): string[] => [
  ...leftOutLines(plan),
  ...(plan.kept ?? []).map(
    node =>
      `${node} stays: it came after the file was applied last, and is not in the file (--remove ${node} takes it out)`,
  ),
  ...(plan.returning ?? []).map(({ hostname, removed }) => `${hostname} comes back: it was removed on ${removed}`),
  ...plan.stages.flatMap(({ decision }) => decisionNotes(decision).map(printable)),
]

/** Machines that the plan does without: `w4 is left out: unreachable, accepted`. */
function leftOutLines({ stages }: Pick<PlanToShow, 'stages'>): string[] {
  // Where the cluster itself goes, no later plan comes back to them.
  const isLast = stages.some(({ decision }) => isForgetting(decision))
  const later = isLast
    ? 'it keeps what lies on it, and has to be cleaned by hand'
    : 'the next apply that reaches it catches it up'
  const hosts = stages.flatMap(({ decision }) => (decision.kind === 'unknown' ? [] : (decision.left_out ?? [])))
  return [...new Map(hosts.map(one => [one.host, one])).values()].map(one =>
    // What is somebody else's is not cleaned, nor caught up.
    one.accepted === undefined
      ? `${one.host} is ${leftOutText(one)}; ${later}`
      : `${one.host} is ${leftOutText(one)} (${printable(one.reason)})`,
  )
}

/**
 * What a run of the plan waits for before this stage, as far as there is something to do: there, or in what that waits
 * for itself. A run that is blocked names the same needs.
 */
function awaited({ needs }: PlannedStage, { stages }: Pick<PlanToShow, 'stages'>): string[] {
  const byKey = new Map(stages.map(stage => [stage.key, stage]))
  const known = new Map<string, boolean>()
  const takesTime = (key: string): boolean => {
    const stage = byKey.get(key)
    const found =
      known.get(key) ?? (stage && (stage.decision.kind !== 'skip' || stage.needs.some(need => takesTime(need.stage))))
    known.set(key, found === true)
    return found === true
  }
  return needs.flatMap(({ stage }) => (takesTime(stage) ? [stage] : [])).map(key => nameIn(stages, key))
}

const nameOf = ({ key, name }: Pick<PlannedStage, 'key' | 'name'>): string => name ?? key

function nameIn(stages: PlanToShow['stages'], key: string): string {
  const found = stages.find(stage => stage.key === key)
  return found ? nameOf(found) : key
}

function stageLines(stage: PlannedStage, plan: PlanToShow, paint: Paint): string[] {
  const { decision } = stage
  const needs = awaited(stage, plan)
  const after = needs.length > 0 ? paint('dim', `  after ${names(needs)}`) : ''
  const head = `  ${paint('bold', stage.title)}${after}  ${paint('dim', nameOf(stage))}`
  const why = paint('dim', `      ${printable(decision.reason)}`)
  switch (decision.kind) {
    case 'run':
      return [head, why, ...changeLines(decision.changes, paint)]
    case 'deferred':
      return [
        head,
        why,
        `      may ${decision.effects.join(', ')}; known once ${nameIn(plan.stages, decision.until)} has run`,
      ]
    case 'unknown':
      return [head, paint('red', `      ? ${printable(decision.reason)}`)]
    case 'skip':
      return [head, why]
  }
}

type Changes = Extract<PlannedStage['decision'], { kind: 'run' }>['changes']

/** The same change on many hosts is one line. */
export function changeLines(changes: Changes, paint: Paint): string[] {
  const groups = Map.groupBy(changes, change => `${change.effect} ${change.summary}`)
  return [...groups.values()].map(group => {
    const [first] = group
    if (!first) return ''
    const sign = paint(styles[first.effect], signs[first.effect])
    const places = [...new Set(group.map(change => subject(change.target)))]
    return `      ${sign} ${printable(first.summary)}  ${paint('dim', names(places))}`
  })
}

/** `node/m1/service/rke2-server` is about m1. */
const subject = (target: string): string => /^node\/([^/]+)/.exec(target)?.[1] ?? target

const hasError = ({ unmet }: PlannedStage): boolean => unmet.some(({ severity }) => severity === 'error')

function keyLine(stages: readonly PlannedStage[], what: string, paint: Paint): string[] {
  return stages.length === 0 ? [] : ['', paint('dim', `  ${what}: ${names(stages.map(nameOf))}`)]
}

function names(list: readonly string[]): string {
  // A batch has commas in its name.
  const shown = list.slice(0, longestList).join(list.some(name => name.includes(', ')) ? '; ' : ', ')
  return list.length > longestList ? `${shown} … (${list.length})` : shown
}
