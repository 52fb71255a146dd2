import type { Command } from 'commander'
import { runDetailShape } from '../../contract/runs.ts'
import { withServer } from '../client/withServer.ts'
import { holdSignals } from '../follow/interrupts.ts'
import { settleRun } from '../follow/settleRun.ts'
import type { Surroundings } from '../surroundings.ts'

export function define(command: Command, surroundings: Surroundings): void {
  command
    .argument('<run>', 'id of a failed or cancelled run, or of one whose server has ended')
    .option('--as-planned', 'finish what was planned, though the desired state has moved since')
    .addHelpText(
      'after',
      `
What is complete is looked at, not repeated.

Examples:
  slipway resume bcdf2345gh
`,
    )
    .action(async (run: string, { asPlanned }: { asPlanned?: boolean }) => {
      const path = `/runs/${encodeURIComponent(run)}`
      process.exitCode = await withServer(surroundings, async connected => {
        const { client } = connected
        const before = await client.get(path, runDetailShape)
        const held = holdSignals()
        // One that a lost server left is gone on with by whoever serves; following it is all there is to do.
        if (before.status !== 'running' && before.status !== 'queued')
          await client.post(`${path}/resume`, { as_planned: asPlanned === true }, runDetailShape, held.signal)
        return (await settleRun(connected, run, before.seq, held)).exit
      })
    })
}
