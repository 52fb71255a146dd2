import type { Command } from 'commander'
import { runDetailShape } from '../../contract/runs.ts'
import { withServer } from '../client/withServer.ts'
import { holdSignals } from '../follow/interrupts.ts'
import { settleRun } from '../follow/settleRun.ts'
import type { Surroundings } from '../surroundings.ts'

export function define(command: Command, surroundings: Surroundings): void {
  command
    .argument('<run>', 'id of a run that awaits approval')
    .argument('<hash>', 'hash of what it would do now, or its first 8 characters at least')
    .addHelpText(
      'after',
      `
\`slipway runs CLUSTER RUN -o json\` shows the hash (pending_hash) and the plan (pending_plan).

Examples:
  slipway approve bcdf2345gh 3f2a9c1b04de
`,
    )
    .action(async (run: string, hash: string) => {
      const path = `/runs/${encodeURIComponent(run)}`
      process.exitCode = await withServer(surroundings, async connected => {
        const { seq } = await connected.client.get(path, runDetailShape)
        const held = holdSignals()
        await connected.client.post(`${path}/approve`, { hash }, runDetailShape, held.signal)
        return (await settleRun(connected, run, seq, held)).exit
      })
    })
}
