import type { Command } from 'commander'
import { type Run, runDetailShape, runShape, type Stage } from '../../contract/runs.ts'
import { SlipwayError } from '../../domain/errors.ts'
import { shortHash } from '../../domain/planHash.ts'
import { allPages } from '../client/allPages.ts'
import { withServer } from '../client/withServer.ts'
import { type Column, type Format, printRows, withOutput } from '../output.ts'
import type { Surroundings } from '../surroundings.ts'
import { runsOf } from '../runsOf.ts'
import { showRunError } from '../follow/settleRun.ts'
import { duration } from '../view/duration.ts'
import { runStatus } from '../view/runStatus.ts'

interface RunsOptions {
  readonly output: Format
  readonly machine?: string
}

export function define(command: Command, surroundings: Surroundings): void {
  withOutput(command)
    .argument('[cluster]', 'name of the cluster')
    .argument('[run]', 'id of a run: its stages')
    .option('--machine <name>', 'runs of this machine; the run is then the only argument')
    .addHelpText(
      'after',
      `
Examples:
  slipway runs demo
  slipway runs demo bcdf2345gh -o json
  slipway runs --machine w4
`,
    )
    .action(async (...[first, second, options]: [string?, string?, RunsOptions?]) => {
      const { output, machine } = options ?? { output: 'table' }
      const run = machine === undefined ? second : first
      const of = machine === undefined ? runsOf(first, undefined) : runsOf(undefined, machine)
      if (of === null)
        throw new SlipwayError('usage', 'neither a cluster nor a machine is named', {
          remedy: 'Name a cluster, or a machine: --machine NAME.',
        })
      await withServer(
        surroundings,
        async ({ client }) => {
          if (run === undefined) {
            return printRows(output, await allPages(client, `${of}/runs`, runShape), runColumns)
          }
          const detail = await client.get(`/runs/${encodeURIComponent(run)}`, runDetailShape)
          await printRows(output, detail.stages, stageColumns, detail)
          if (detail.error && (output === 'table' || output === 'wide')) showRunError(detail)
        },
        'looks',
      )
    })
}

const took = ({ started, ended }: Pick<Run, 'started' | 'ended'>): string | null =>
  started === null ? null : duration((ended === null ? Date.now() : Date.parse(ended)) - Date.parse(started))

const runColumns: readonly Column<Run>[] = [
  { title: 'run', value: run => run.id },
  { title: 'status', value: runStatus },
  { title: 'what', value: run => run.title },
  { title: 'created', value: run => run.created },
  { title: 'took', value: took },
  { title: 'error', value: run => run.error?.code },
  { title: 'plan', value: run => shortHash(run.plan_hash), wide: true },
  { title: 'desired version', value: run => run.desired_version, wide: true },
  { title: 'approved by', value: run => run.approved_by, wide: true },
]

const stageColumns: readonly Column<Stage>[] = [
  { title: 'stage', value: stage => stage.key },
  { title: 'status', value: stage => stage.status },
  { title: 'what', value: stage => stage.title },
  // One that was interrupted has begun, and nobody is at it.
  { title: 'took', value: stage => (stage.status === 'waiting' ? null : took(stage)) },
  { title: 'attempts', value: stage => stage.attempts },
  { title: 'error', value: stage => stage.error?.code },
  { title: 'after', value: stage => stage.needs.map(need => need.stage).join(', '), wide: true },
  { title: 'reason', value: stage => stage.reason, wide: true },
]
