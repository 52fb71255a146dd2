import type { Command } from 'commander'
import { platformStatusShape } from '../../../contract/platform.ts'
import { exitCodes } from '../../../domain/errors.ts'
import { withServer } from '../../client/withServer.ts'
import { findingLines } from '../../failure.ts'
import { type Format, printData, printLine, printRows, withOutput } from '../../output.ts'
import type { Surroundings } from '../../surroundings.ts'
import { paintData, say } from '../../terminal.ts'
import { busy } from '../../view/busy.ts'
import { platformColumns, platformFindings, platformLines } from '../../view/platformView.ts'

export function defineStatus(group: Command, surroundings: Surroundings): void {
  const command = group.command('status').description('how the components and charts of a cluster stand')
  withOutput(command)
    .argument('<cluster>', 'a cluster on record')
    .addHelpText(
      'after',
      `
Asks the API of the cluster and changes nothing. It is the plan of slipway platform apply, told as state:

  ready      as it is desired, and ready
  external   one of somebody else is used in its place
  not-ready  as it is desired, and not ready yet, or any more
  differs    there, and not as the cluster file says
  absent     not there
  waiting    it comes once what it needs is ready
  blocked    something stands in its way, which is named below
  off        turned off in the cluster file
  unknown    it could not be seen

It ends with 3 when one of them is neither ready, external nor off, or something could not be seen, and with 0 otherwise.

Examples:
  slipway platform status demo
  slipway platform status demo -o json | jq -r '.components[] | select(.state != "ready").name'
`,
    )
    .action(async (cluster: string, { output }: { output: Format }) => {
      await withServer(
        surroundings,
        async ({ client }) => {
          const path = `/clusters/${encodeURIComponent(cluster)}/platform`
          const status = await busy(`Looking at ${cluster}`, client.look(path, platformStatusShape))
          process.exitCode = status.differs ? exitCodes.changes : exitCodes.done
          if (output === 'json' || output === 'yaml') return printData(output, status)
          if (status.components.length > 0) await printRows(output, status.components, platformColumns)
          for (const line of platformLines(status, paintData)) printLine(line)
          for (const line of findingLines(platformFindings(status))) say(line)
        },
        'looks',
      )
    })
}
