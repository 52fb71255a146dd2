import type { Command } from 'commander'
import { readMachineName } from '../../../domain/machine.ts'
import { shellWord } from '../../../domain/placeholders.ts'
import { withServer } from '../../client/withServer.ts'
import { acceptOptions } from '../../follow/takeUp.ts'
import { type OperateOptions, withMachineOperation } from '../../follow/operate.ts'
import { inventoryOption, withInventory } from '../../machineInventory.ts'
import type { Surroundings } from '../../surroundings.ts'
import { operateMachines } from './wishes.ts'

interface DestroyOptions extends OperateOptions {
  readonly inventory?: string
}

export function defineDestroy(group: Command, surroundings: Surroundings): void {
  const command = group.command('destroy').description('take machines away, with all that is on their disks')
  withMachineOperation(command)
    .argument('<names...>', 'names of the machines')
    .option(...inventoryOption)
    .addHelpText(
      'after',
      `
Takes away what was made of a machine, also what an interrupted run has left, and takes it off the record. A host that you
had already (provider existing) stays as it is. One that is a node of a cluster is refused: take it out of that first. What
is not there is a success: nothing to do.

Examples:
  slipway machine destroy dev-vm
  slipway machine destroy w4 w5 --yes
  slipway machine destroy dev-vm --dry-run
`,
    )
    .action(async (words: string[], options: DestroyOptions) => {
      const names = [...new Set(words.map(readMachineName))]
      const { inventory, accept } = options
      const typed = [
        'slipway machine destroy',
        ...names.map(shellWord),
        ...(inventory === undefined ? [] : [`--inventory ${shellWord(inventory)}`]),
        ...acceptOptions(accept),
      ].join(' ')
      const wishes = names.map(name => ({
        name,
        operation: 'destroy' as const,
        spec: null,
        files: {},
        change: false,
        accept,
      }))
      process.exitCode = await withServer(surroundings, connected =>
        withInventory(connected.client, options, [], () =>
          operateMachines(connected, wishes, { ...options, command: typed }),
        ),
      )
    })
}
