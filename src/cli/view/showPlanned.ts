import type { Planned } from '../../contract/plans.ts'
import { exitCodes, SlipwayError } from '../../domain/errors.ts'
import { withClusterFile } from '../../domain/placeholders.ts'
import { findingLines } from '../failure.ts'
import { type Format, printData, printLine } from '../output.ts'
import { fitted, paintData, say } from '../terminal.ts'
import { planLines, standingLines } from './planView.ts'

export const acceptHelp =
  'accept a warning, the key a reinstalled machine shows now: host-key-changed:HOST, that a machine is left out while it cannot be reached: unreachable:HOST, or that one which is somebody else’s is left as it is: left-alone:HOST (repeat it)'

/** What was found, in lines; the file is that on which the command was given, if any. */
export const plannedFindings = (
  { findings, notes }: Pick<Planned, 'findings' | 'notes'>,
  file: string | undefined,
): string[] =>
  findingLines(
    [...findings, ...notes].map(({ place: _place, remedy, ...finding }) => ({
      ...finding,
      remedy: file === undefined ? remedy : withClusterFile(remedy, file),
    })),
  )

/** What stands in the way of this plan was shown with it; this says that it does. */
export function refusedPlan({ findings, accepted }: Planned): SlipwayError {
  const blocking = findings.filter(({ name, severity }) => severity === 'error' || !accepted.includes(name))
  const count = blocking.length === 1 ? '1 finding stands' : `${blocking.length} findings stand`
  const warnings = [...new Set(blocking.flatMap(({ name, severity }) => (severity === 'warning' ? [name] : [])))]
  const words = warnings.map(name => `--accept ${name}`).join(' ')
  const errors = blocking.some(({ severity }) => severity === 'error')
  const remedy = errors
    ? `Fix what is listed, then try again${words && `; the warnings can be accepted: ${words}`}.`
    : `Fix what is listed, or accept it: ${words}.`
  return new SlipwayError('preflight-failed', `${count} in the way; nothing was changed`, { remedy })
}

/**
 * What is said of a plan that does nothing to the cluster: what is turned off is so in the desired state.
 * @param isStored whether that is done.
 */
export function nothingToDo(
  { subject: { name }, operation, stores }: Pick<Planned, 'subject' | 'operation' | 'stores'>,
  isStored = false,
): string {
  if (operation?.operation !== 'platform-disable' || !stores) return `${name}: nothing to do`
  return `${name}: the desired state ${isStored ? 'is another one now' : 'becomes another one'}; nothing to do on the cluster`
}

export interface ShowOptions {
  readonly output: Format
  /** The cluster file that it was made for, if any. */
  readonly file?: string
  readonly detailedExitcode?: boolean
}

/** Prints a plan that is not carried out. Gives the exit code. @throws SlipwayError `preflight-failed` when it is blocked. */
export async function showPlanned(planned: Planned, { file, output, detailedExitcode }: ShowOptions): Promise<number> {
  if (output === 'json' || output === 'yaml') await printData(output, planned)
  else if (planned.has_changes)
    for (const line of planLines(planned, paintData)) printLine(fitted(line, process.stdout))
  else if (!planned.blocked) for (const line of [...standingLines(planned), nothingToDo(planned)]) printLine(line)
  for (const line of plannedFindings(planned, file)) say(line)
  if (planned.blocked) throw refusedPlan(planned)
  return detailedExitcode && planned.has_changes ? exitCodes.changes : exitCodes.done
}
