import { type Command, Option } from 'commander'
import { SlipwayError } from '../../../domain/errors.ts'
import { shellWord } from '../../../domain/placeholders.ts'
import { withServer } from '../../client/withServer.ts'
import { operate, type OperateOptions, withOperation } from '../../follow/operate.ts'
import { acceptOptions } from '../../follow/takeUp.ts'
import type { Surroundings } from '../../surroundings.ts'
import { namespaceOf } from './namespace.ts'

interface DisableOptions extends OperateOptions {
  readonly uninstall?: boolean
  readonly cascade?: 'background' | 'foreground' | 'orphan'
  readonly namespace?: string
}

export function defineDisable(group: Command, surroundings: Surroundings): void {
  const command = group.command('disable').description('turn components and charts off, and take them out if asked to')
  withOperation(command)
    .argument('<cluster>', 'a cluster on record')
    .argument('<components...>', 'components and charts, by their names')
    .option('--uninstall', 'also take their releases out of the cluster, as helm uninstall does')
    .addOption(
      new Option('--cascade <how>', 'what becomes of what the objects of a release own; default background').choices([
        'background',
        'foreground',
        'orphan',
      ]),
    )
    .option('--namespace <namespace>', 'of the release that is to go, where there are several of its name', namespaceOf)
    .addHelpText(
      'after',
      `
Only the desired state changes: a component is off in it, a chart is named no more. What there is of them on the cluster
stays as it is, and Slipway leaves it alone. With --uninstall their releases go as well; the plan names each object that
goes and what stays. Data is never deleted: what would take volumes or custom resources with it is refused, and databases
are taken out by hand only. Releases of others are left alone.

An apply of a cluster file that still names them does not bring them back unless that is accepted.

Examples:
  slipway platform disable demo operator-grafana
  slipway platform disable demo shop --uninstall --dry-run
  slipway platform disable demo shop shop-db --uninstall --yes
`,
    )
    .action(async (cluster: string, components: string[], options: DisableOptions) => {
      const { uninstall = false, cascade, namespace } = options
      if (!uninstall && (cascade !== undefined || namespace !== undefined))
        throw new SlipwayError('usage', '--cascade and --namespace say how something is taken out', {
          remedy: 'Add --uninstall, or leave them out.',
        })
      const operation = {
        operation: 'platform-disable',
        components,
        uninstall,
        cascade: cascade ?? 'background',
        namespace: namespace ?? null,
      } as const
      const words = [
        ...[cluster, ...components].map(shellWord),
        ...(uninstall ? ['--uninstall'] : []),
        ...(cascade === undefined ? [] : [`--cascade ${cascade}`]),
        ...(namespace === undefined ? [] : [`--namespace ${shellWord(namespace)}`]),
        ...acceptOptions(options.accept),
      ]
      process.exitCode = await withServer(surroundings, connected =>
        operate(connected, { cluster, operation, command: `slipway platform disable ${words.join(' ')}` }, options),
      )
    })
}
