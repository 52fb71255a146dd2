import type { Command } from 'commander'
import { shellWord } from '../../domain/placeholders.ts'
import { withServer } from '../client/withServer.ts'
import { operate, type OperateOptions, withOperation } from '../follow/operate.ts'
import { acceptOptions } from '../follow/takeUp.ts'
import type { Surroundings } from '../surroundings.ts'

export function define(command: Command, surroundings: Surroundings): void {
  withOperation(command)
    .argument('<cluster>', 'a cluster on record')
    .argument('<nodes...>', 'its nodes that are to take pods again')
    .addHelpText(
      'after',
      `
Examples:
  slipway uncordon demo w1
  slipway uncordon demo w1 w2 --yes
`,
    )
    .action(async (cluster: string, nodes: string[], options: OperateOptions) => {
      const operation = { operation: 'uncordon', nodes } as const
      const words = [cluster, ...nodes].map(shellWord)
      const typed = ['slipway uncordon', ...words, ...acceptOptions(options.accept)].join(' ')
      process.exitCode = await withServer(surroundings, connected =>
        operate(connected, { cluster, operation, command: typed }, options),
      )
    })
}
