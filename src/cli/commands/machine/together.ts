import { createHash } from 'node:crypto'
import type { Planned } from '../../../contract/plans.ts'
import { exitCodes } from '../../../domain/errors.ts'
import { shortHash } from '../../../domain/planHash.ts'
import { type Asked, ofPlan } from '../../follow/approval.ts'
import { printData, printLine } from '../../output.ts'
import { fitted, type Paint, paint, paintData, say } from '../../terminal.ts'
import { planLines } from '../../view/planView.ts'
import { plannedFindings, refusedPlan, type ShowOptions, showPlanned } from '../../view/showPlanned.ts'

/** Of all plans: it is another one as soon as one of them is. */
const hashOf = (plans: readonly Planned[]): string =>
  createHash('sha256')
    .update(plans.map(({ hash }) => hash).join('\n'))
    .digest('hex')

function linesOf([first, ...others]: readonly [Planned, ...Planned[]], hash: string, paintWith: Paint): string[] {
  const plans = [first, ...others]
  const together = { ...first, stages: plans.flatMap(({ stages }) => stages) }
  const heading = `${paintWith('bold', `${plans.length} machines`)}  plan ${shortHash(hash)}`
  return [heading, ...planLines(together, paintWith).slice(1)]
}

/** Plans of several machines as the one that is asked about; null: there is none. */
export function askedTogether(plans: readonly Planned[]): Asked | null {
  const [first, ...others] = plans
  if (!first) return null
  if (others.length === 0) return ofPlan(first)
  const hash = hashOf(plans)
  return { ...ofPlan(first), hash, lines: linesOf([first, ...others], hash, paint) }
}

/** Prints plans of machines that are not carried out. Gives the exit code. @throws SlipwayError `preflight-failed` where one is blocked. */
export async function showTogether(plans: readonly Planned[], options: ShowOptions): Promise<number> {
  const [only, ...others] = plans
  if (only && others.length === 0) return showPlanned(only, options)
  const { output, detailedExitcode } = options
  const busy = plans.filter(plan => plan.has_changes)
  const [first, ...later] = busy
  const hash = hashOf(plans.filter(plan => plan.has_changes || plan.stores))
  if (output === 'json' || output === 'yaml') await printData(output, { hash, has_changes: busy.length > 0, plans })
  else {
    for (const { subject } of plans.filter(plan => !plan.has_changes && !plan.blocked))
      printLine(`${subject.name}: nothing to do`)
    if (first) for (const line of linesOf([first, ...later], hash, paintData)) printLine(fitted(line, process.stdout))
  }
  for (const plan of plans) for (const line of plannedFindings(plan, undefined)) say(line)
  const blocked = plans.find(plan => plan.blocked)
  if (blocked) throw refusedPlan(blocked)
  return detailedExitcode && first ? exitCodes.changes : exitCodes.done
}
