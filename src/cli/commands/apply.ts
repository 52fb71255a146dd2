import type { Command } from 'commander'
import { shellWord } from '../../domain/placeholders.ts'
import { withServer } from '../client/withServer.ts'
import { documentOf, readClusterInput } from '../clusterFileInput.ts'
import { findingLines } from '../failure.ts'
import { tellingMachinesLeft } from '../follow/machinesLeft.ts'
import { operate, type OperateOptions, withApproval } from '../follow/operate.ts'
import { applyOperationOf, type RemovalOptions, removalWords, withRemoval } from '../follow/removal.ts'
import { acceptOptions } from '../follow/takeUp.ts'
import type { Surroundings } from '../surroundings.ts'
import { say } from '../terminal.ts'

interface ApplyOptions extends RemovalOptions, Omit<OperateOptions, 'confirm' | 'dryRun'> {
  readonly file: string
}

export function define(command: Command, surroundings: Surroundings): void {
  withRemoval(withApproval(command, 'take the plan with this hash only (`slipway plan` shows it)'))
    .requiredOption('-f, --file <file>', 'the cluster file; - is standard input')
    .addHelpText(
      'after',
      `
Shows the plan and asks. Without a terminal it needs --yes or --approve, and ends with 5 otherwise. Applying an
unchanged file changes nothing and says so; when a run of it was interrupted, as by a crash, that one goes on, with
the approval that it has.

Nodes that scale add brought since a file was applied last stay, though the file does not name them, and the plan says
so. One that scale remove took out since then, while the file goes on to name it, comes back only with --accept
node-comes-back.

On a terminal Ctrl-C asks whether to detach from the run or to cancel it. Without one SIGINT does what SIGTERM does:
it leaves the run (130), which a server goes on with; where this command executes it itself, it stops in good order,
and the same apply or slipway resume goes on with it. slipway cancel ends it.

Examples:
  slipway apply -f cluster.yaml
  slipway apply -f cluster.yaml --approve 3f2a9c1b04de
  slipway apply -f cluster.yaml --yes --accept even-servers
  slipway apply -f cluster.yaml --accept unreachable:w4
  slipway apply -f cluster.yaml --remove w3
  slipway apply -f cluster.yaml --prune
`,
    )
    .action(async (options: ApplyOptions) => {
      const input = await readClusterInput(options.file)
      for (const line of findingLines(input.warnings.filter(({ name }) => name === 'key-file-exposed'))) say(line)
      const { metadata, spec } = input.file
      const wish = {
        cluster: metadata.name,
        operation: applyOperationOf(options),
        written: { document: documentOf(input), file: options.file, machines: spec.nodes.length },
        command: applyCommand(options),
      }
      const removes = options.remove.length > 0 || options.prune === true
      process.exitCode = await withServer(surroundings, connected =>
        removes
          ? tellingMachinesLeft(connected, wish.cluster, {}, () => operate(connected, wish, options))
          : operate(connected, wish, options),
      )
    })
}

/** What was typed, without the approval. */
const applyCommand = (options: ApplyOptions): string =>
  ['slipway apply', `-f ${shellWord(options.file)}`, ...removalWords(options), ...acceptOptions(options.accept)].join(
    ' ',
  )
