import type { Command } from 'commander'
import { withServer } from '../../client/withServer.ts'
import { operate, type OperateOptions, withOperation } from '../../follow/operate.ts'
import { acceptOptions } from '../../follow/takeUp.ts'
import type { Surroundings } from '../../surroundings.ts'
import { askedPlatform, type PlatformOptions, platformWords, withPlatform } from './asked.ts'

export function defineApply(group: Command, surroundings: Surroundings): void {
  const command = group.command('apply').description('make the platform of a cluster as its file says, after approval')
  withPlatform(withOperation(command))
    .addHelpText(
      'after',
      `
Shows the plan and asks, as slipway apply does; only the platform is looked at and changed, over the API of the cluster.
So it works for clusters of others as well that were discovered. With -f the platform of the file becomes the desired one;
what else the file says of the cluster is left to slipway apply. What is there already, and ready, is left as it is; what the
file no longer names stays.

Examples:
  slipway platform apply demo
  slipway platform apply demo infra-postgres
  slipway platform apply demo -f cluster.yaml --yes
  slipway platform apply demo --approve 3f2a9c1b04de
`,
    )
    .action(async (cluster: string, components: string[], options: PlatformOptions & OperateOptions) => {
      const asked = await askedPlatform(cluster, components, options)
      const words = [...platformWords(cluster, components, options), ...acceptOptions(options.accept)]
      process.exitCode = await withServer(surroundings, connected =>
        operate(connected, { cluster, ...asked, command: `slipway platform apply ${words.join(' ')}` }, options),
      )
    })
}
