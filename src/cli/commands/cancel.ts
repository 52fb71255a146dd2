import type { Command } from 'commander'
import { runDetailShape } from '../../contract/runs.ts'
import { exitCodes } from '../../domain/errors.ts'
import { withServer } from '../client/withServer.ts'
import { runToEnd } from '../follow/runToEnd.ts'
import type { Surroundings } from '../surroundings.ts'
import { say } from '../terminal.ts'

export function define(command: Command, surroundings: Surroundings): void {
  command
    .argument('<run>', 'id of a run')
    .addHelpText(
      'after',
      `
Ends all its processes first, then the run; it can be resumed. Returns when it has ended.

Examples:
  slipway cancel bcdf2345gh
`,
    )
    .action(async (run: string) => {
      const path = `/runs/${encodeURIComponent(run)}`
      process.exitCode = await withServer(surroundings, async connected => {
        const { seq } = await connected.client.get(path, runDetailShape)
        await connected.client.post(`${path}/cancel`, {}, runDetailShape)
        const end = await runToEnd(connected, run, seq)
        if (end.kind === 'left') return exitCodes.interrupted
        say(`Run ${run}: ${end.run.status}`)
        return end.run.status === 'cancelled' ? exitCodes.done : exitCodes.failed
      })
    })
}
