import type { Command } from 'commander'
import { plannedShape } from '../../contract/plans.ts'
import { startedRunShape } from '../../contract/runs.ts'
import { findings } from '../../distributions/index.ts'
import { idleAcceptance } from '../../domain/acceptance.ts'
import { exitCodes } from '../../domain/errors.ts'
import { shellWord } from '../../domain/placeholders.ts'
import { type Connected, withServer } from '../client/withServer.ts'
import { type ClusterInput, documentOf, readClusterInput } from '../clusterFileInput.ts'
import { findingLines } from '../failure.ts'
import { applyOperationOf, type RemovalOptions, removalWords, withRemoval } from '../follow/removal.ts'
import { approval } from '../follow/approval.ts'
import { holdSignals } from '../follow/interrupts.ts'
import { reportRun } from '../follow/reportRun.ts'
import { acceptOptions, endInterrupted, goOn, takeUp } from '../follow/takeUp.ts'
import { collect, type Format, withOutput } from '../output.ts'
import type { Surroundings } from '../surroundings.ts'
import { say } from '../terminal.ts'
import { busy } from '../view/busy.ts'
import { standingLines } from '../view/planView.ts'
import { acceptHelp, plannedFindings, refusedPlan } from '../view/showPlanned.ts'

interface ApplyOptions extends RemovalOptions {
  readonly file: string
  readonly output: Format
  readonly yes?: boolean
  readonly approve?: string
  readonly accept: readonly string[]
  readonly supersede?: string
}

export function define(command: Command, surroundings: Surroundings): void {
  withRemoval(withOutput(command, ['table', 'json', 'yaml']))
    .requiredOption('-f, --file <file>', 'the cluster file; - is standard input')
    .option('--yes', 'take the plan as it is')
    .option('--approve <hash>', 'take the plan with this hash only (`slipway plan` shows it)')
    .option('--accept <name>', acceptHelp, collect, [])
    .option('--supersede <run>', 'end this run first, which was interrupted and does something else')
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
      const warnings = input.warnings.filter(({ name }) => name === 'key-file-exposed')
      for (const line of findingLines([...warnings, ...idleAcceptance(findings, options.accept)])) say(line)
      process.exitCode = await withServer(surroundings, connected => apply(connected, input, options))
    })
}

async function apply(connected: Connected, input: ClusterInput, options: ApplyOptions): Promise<number> {
  const { client } = connected
  const document = documentOf(input)
  const cluster = input.file.metadata.name
  const machines = input.file.spec.nodes.length
  const operation = applyOperationOf(options)
  const earlier = await takeUp(connected, { cluster, document }, operation, {
    ...options,
    command: applyCommand(options),
  })
  if (earlier.kind === 'goes-on') return goOn(connected, earlier.run, options.output)
  const planned = await busy(
    `Looking at ${machines} ${machines === 1 ? 'machine' : 'machines'}`,
    client.post('/plans', { document, operation, accept: options.accept }, plannedShape),
  )
  for (const line of plannedFindings(planned, options.file)) say(line)
  if (planned.blocked) throw refusedPlan(planned)
  if (planned.has_changes) await approval(planned, options, applyCommand(options))
  const start = { document, operation, approve: planned.hash, accept: options.accept }
  const held = holdSignals(cluster)
  if (earlier.kind === 'in-the-way')
    await endInterrupted(connected, { run: earlier.run, supersede: options.supersede }, held)
  const started =
    planned.has_changes || planned.stores
      ? await client.post(`/clusters/${cluster}/runs`, start, startedRunShape, held.signal)
      : { run: null, settled: null }
  if (started.run === null) {
    held.release()
    for (const line of standingLines(planned)) say(line)
    if (started.settled !== null) say(settledLine(started.settled))
    const { hash: plan_hash, has_changes } = planned
    await reportRun(options.output, cluster, { plan_hash, has_changes }, null, started.settled)
    return exitCodes.done
  }
  // Loaded when it is needed: most often there is nothing to do, and that is said at once.
  const { settleRun } = await import('../follow/settleRun.ts')
  const settled = await settleRun(connected, started.run, 0, held)
  const { hash: plan_hash, has_changes } = planned
  await reportRun(options.output, cluster, { plan_hash, has_changes }, { id: started.run, settled })
  return settled.exit
}

/** What was typed, without the approval. */
const applyCommand = (options: ApplyOptions): string =>
  ['slipway apply', `-f ${shellWord(options.file)}`, ...removalWords(options), ...acceptOptions(options.accept)].join(
    ' ',
  )

const settledLine = (run: string): string => `Run ${run} is settled: nothing of it is left to do.`
