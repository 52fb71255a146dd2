import type { Command } from 'commander'
import { plannedShape } from '../../../contract/plans.ts'
import { findings } from '../../../distributions/index.ts'
import { idleAcceptance } from '../../../domain/acceptance.ts'
import { withServer } from '../../client/withServer.ts'
import { findingLines } from '../../failure.ts'
import { readUnfinished } from '../../follow/unfinished.ts'
import { collect, type Format, withOutput } from '../../output.ts'
import type { Surroundings } from '../../surroundings.ts'
import { say } from '../../terminal.ts'
import { busy } from '../../view/busy.ts'
import { acceptHelp, showPlanned } from '../../view/showPlanned.ts'
import { askedPlatform, type PlatformOptions, withPlatform } from './asked.ts'

interface PlanOptions extends PlatformOptions {
  readonly output: Format
  readonly accept: readonly string[]
  readonly detailedExitcode?: boolean
}

export function definePlan(group: Command, surroundings: Surroundings): void {
  const command = group.command('plan').description('show what would be done to the platform of a cluster')
  withOutput(withPlatform(command), ['table', 'json', 'yaml'])
    .option('--accept <name>', acceptHelp, collect, [])
    .option('--detailed-exitcode', 'end with 3 when there is something to do')
    .addHelpText(
      'after',
      `
Asks the API of the cluster and changes nothing, neither there nor on record. No machine is looked at; slipway plan does
that as well, and the stages of the platform are the same there.

Examples:
  slipway platform plan demo
  slipway platform plan demo infra-postgres --detailed-exitcode
  slipway platform plan demo -f cluster.yaml -o json | jq -r .hash
`,
    )
    .action(async (cluster: string, components: string[], options: PlanOptions) => {
      const { operation, written } = await askedPlatform(cluster, components, options)
      for (const line of findingLines(idleAcceptance(findings, options.accept))) say(line)
      const request = {
        ...(written ? { document: written.document } : { cluster }),
        operation,
        accept: options.accept,
      }
      const { planned, unfinished } = await withServer(
        surroundings,
        async ({ client }) => {
          const planned = await busy(`Looking at ${cluster}`, client.post('/plans', request, plannedShape))
          const { settles } = planned
          return { planned, unfinished: await readUnfinished(client, { ...request, cluster, settles }) }
        },
        'looks',
      )
      if (unfinished !== null) say(unfinished)
      process.exitCode = await showPlanned(planned, options)
    })
}
