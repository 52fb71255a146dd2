import { type Command, InvalidArgumentError } from 'commander'
import { shellWord } from '../../../domain/placeholders.ts'
import { withServer } from '../../client/withServer.ts'
import { operate, type OperateOptions, withOperation } from '../../follow/operate.ts'
import { acceptOptions } from '../../follow/takeUp.ts'
import type { Surroundings } from '../../surroundings.ts'
import { namespaceOf } from './namespace.ts'

interface RollbackOptions extends OperateOptions {
  readonly revision?: number
  readonly namespace?: string
}

export function defineRollback(group: Command, surroundings: Surroundings): void {
  const command = group.command('rollback').description('make a component or chart what it was before')
  withOperation(command)
    .argument('<cluster>', 'a cluster on record')
    .argument('<component>', 'a component or chart, by its name')
    .option(
      '--revision <number>',
      'as helm history shows them; default the last one that was in force before',
      revisionOf,
    )
    .option('--namespace <namespace>', 'of its release; default as the desired state says', namespaceOf)
    .addHelpText(
      'after',
      `
The release of Slipway goes back, as helm rollback does it: chart and values are those of the earlier revision, which needs
no chart that could be fetched. Given again it goes no further back. Data is never deleted, and nothing of others is
touched; CustomResourceDefinitions stay as they are. The desired state still wants what it wanted: the plan says how to keep
what is there then, and how to have the newer one again.

Examples:
  slipway platform rollback demo shop --dry-run
  slipway platform rollback demo operator-grafana --yes
  slipway platform rollback demo shop --revision 4
`,
    )
    .action(async (cluster: string, component: string, options: RollbackOptions) => {
      const { revision = null, namespace = null } = options
      const operation = { operation: 'platform-rollback', component, revision, namespace } as const
      const words = [
        ...[cluster, component].map(shellWord),
        ...(revision === null ? [] : [`--revision ${revision}`]),
        ...(namespace === null ? [] : [`--namespace ${shellWord(namespace)}`]),
        ...acceptOptions(options.accept),
      ]
      process.exitCode = await withServer(surroundings, connected =>
        operate(connected, { cluster, operation, command: `slipway platform rollback ${words.join(' ')}` }, options),
      )
    })
}

function revisionOf(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('a revision is a number from 1 on')
}
