import type { Command } from 'commander'
import { type Planned, plannedShape } from '../../contract/plans.ts'
import { findings } from '../../distributions/index.ts'
import { idleAcceptance } from '../../domain/acceptance.ts'
import { exitCodes, SlipwayError } from '../../domain/errors.ts'
import { withClusterFile } from '../../domain/placeholders.ts'
import { withServer } from '../client/withServer.ts'
import { documentOf, readClusterInput } from '../clusterFileInput.ts'
import { findingLines } from '../failure.ts'
import { readUnfinished } from '../follow/unfinished.ts'
import { collect, type Format, printData, printLine, withOutput } from '../output.ts'
import type { Surroundings } from '../surroundings.ts'
import { fitted, paintData, say } from '../terminal.ts'
import { busy } from '../view/busy.ts'
import { leftOutLines, planLines } from '../view/planView.ts'

interface PlanOptions {
  readonly file?: string
  readonly output: Format
  readonly accept: readonly string[]
  readonly detailedExitcode?: boolean
}

export const acceptHelp =
  'accept a warning, the key a reinstalled machine shows now: host-key-changed:HOST, or that a machine is left out while it cannot be reached: unreachable:HOST (repeat it)'

export function define(command: Command, surroundings: Surroundings): void {
  withOutput(command, ['table', 'json', 'yaml'])
    .argument('[cluster]', 'a stored cluster; or give a file with -f')
    .option('-f, --file <file>', 'a cluster file; - is standard input')
    .option('--accept <name>', acceptHelp, collect, [])
    .option('--detailed-exitcode', 'end with 3 when there is something to do')
    .addHelpText(
      'after',
      `
Looks at every machine and changes nothing, neither there nor on record. Where a run of the cluster is unfinished, it
says so on standard error, and what apply would do about it.

Examples:
  slipway plan -f cluster.yaml
  slipway plan -f cluster.yaml -o json | jq -r .hash
  slipway plan demo --detailed-exitcode
`,
    )
    .action(async (cluster: string | undefined, options: PlanOptions) => {
      const asked = await askedFor(cluster, options.file)
      for (const line of findingLines(idleAcceptance(findings, options.accept))) say(line)
      const { planned, unfinished } = await withServer(
        surroundings,
        async ({ client }) => {
          const looking = client.post('/plans', { ...asked, accept: options.accept }, plannedShape)
          const planned = await busy('Looking at the machines', looking)
          const { settles } = planned
          const wanted = { ...asked, cluster: planned.subject.name, settles, accept: options.accept }
          return { planned, unfinished: await readUnfinished(client, wanted) }
        },
        'looks',
      )
      if (unfinished !== null) say(unfinished)
      process.exitCode = await showPlanned(planned, options)
    })
}

async function askedFor(
  cluster: string | undefined,
  file: string | undefined,
): Promise<{ readonly cluster?: string; readonly document?: ReturnType<typeof documentOf> }> {
  if ((cluster === undefined) === (file === undefined))
    throw new SlipwayError('usage', 'name a cluster or give a file with -f, one of the two')
  if (cluster !== undefined && /\.ya?ml$/.test(cluster))
    throw new SlipwayError('usage', `${cluster} is a file`, { remedy: `Give it with -f: slipway plan -f ${cluster}` })
  if (file !== undefined) return { document: documentOf(await readClusterInput(file)) }
  return cluster === undefined ? {} : { cluster }
}

async function showPlanned(planned: Planned, { file, output, detailedExitcode }: PlanOptions): Promise<number> {
  if (output === 'json' || output === 'yaml') await printData(output, planned)
  else if (planned.has_changes)
    for (const line of planLines(planned, paintData)) printLine(fitted(line, process.stdout))
  else if (!planned.blocked)
    for (const line of [...leftOutLines(planned), `${planned.subject.name}: nothing to do`]) printLine(line)
  for (const line of plannedFindings(planned, file)) say(line)
  if (planned.blocked) throw refusedPlan(planned)
  return detailedExitcode && planned.has_changes ? exitCodes.changes : exitCodes.done
}

/** What was found, in lines; the file is that on which the command was given, if any. */
export const plannedFindings = ({ findings }: Pick<Planned, 'findings'>, file: string | undefined): string[] =>
  findingLines(
    findings.map(({ place: _place, remedy, ...finding }) => ({
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
