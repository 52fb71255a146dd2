import type { Command } from 'commander'
import { shellWord } from '../../domain/placeholders.ts'
import { withServer } from '../client/withServer.ts'
import { type EvictionOptions, evictionOf, evictionWords, withEviction } from '../follow/eviction.ts'
import { operate, type OperateOptions, withOperation } from '../follow/operate.ts'
import { acceptOptions } from '../follow/takeUp.ts'
import type { Surroundings } from '../surroundings.ts'

export function define(command: Command, surroundings: Surroundings): void {
  withEviction(withOperation(command))
    .argument('<cluster>', 'a cluster on record')
    .argument('<nodes...>', 'its nodes to drain, one after the other')
    .addHelpText(
      'after',
      `
Cordons each node and evicts its pods, as far as their disruption budgets allow it; pods of DaemonSets and static pods
stay. What holds a pod is named. A node that was drained stays cordoned until slipway uncordon. A drain that is cancelled
uncordons the node that it was at; one that fails leaves it cordoned, and slipway resume goes on with it.

Examples:
  slipway drain demo w1
  slipway drain demo w1 w2 --timeout 1800 --yes
  slipway drain demo w1 --delete-emptydir-data --dry-run
`,
    )
    .action(async (cluster: string, nodes: string[], options: OperateOptions & EvictionOptions) => {
      const operation = { operation: 'drain', nodes, ...evictionOf(options) } as const
      const words = [...[cluster, ...nodes].map(shellWord), ...evictionWords(options), ...acceptOptions(options.accept)]
      process.exitCode = await withServer(surroundings, connected =>
        operate(connected, { cluster, operation, command: `slipway drain ${words.join(' ')}` }, options),
      )
    })
}
