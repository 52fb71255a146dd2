import type { Command } from 'commander'
import { plannedShape } from '../../contract/plans.ts'
import { findings } from '../../distributions/index.ts'
import { idleAcceptance } from '../../domain/acceptance.ts'
import { SlipwayError } from '../../domain/errors.ts'
import { withServer } from '../client/withServer.ts'
import { documentOf, readClusterInput } from '../clusterFileInput.ts'
import { findingLines } from '../failure.ts'
import { applyOperationOf, type RemovalOptions, withRemoval } from '../follow/removal.ts'
import { readUnfinished } from '../follow/unfinished.ts'
import { collect, type Format, withOutput } from '../output.ts'
import type { Surroundings } from '../surroundings.ts'
import { say } from '../terminal.ts'
import { busy } from '../view/busy.ts'
import { acceptHelp, showPlanned } from '../view/showPlanned.ts'

interface PlanOptions extends RemovalOptions {
  readonly file?: string
  readonly output: Format
  readonly accept: readonly string[]
  readonly detailedExitcode?: boolean
}

export function define(command: Command, surroundings: Surroundings): void {
  withRemoval(withOutput(command, ['table', 'json', 'yaml']))
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
  slipway plan -f cluster.yaml --remove w3
  slipway plan -f cluster.yaml --prune
`,
    )
    .action(async (cluster: string | undefined, options: PlanOptions) => {
      const asked = await askedFor(cluster, options.file)
      for (const line of findingLines(idleAcceptance(findings, options.accept))) say(line)
      const { planned, unfinished } = await withServer(
        surroundings,
        async ({ client }) => {
          const request = { ...asked, operation: applyOperationOf(options), accept: options.accept }
          const looking = client.post('/plans', request, plannedShape)
          const planned = await busy('Looking at the machines', looking)
          const { settles } = planned
          const wanted = { ...request, cluster: planned.subject.name, settles }
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
