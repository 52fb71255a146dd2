import type { Command } from 'commander'
import { type Machine, machineShape } from '../../../contract/machines.ts'
import { allPages } from '../../client/allPages.ts'
import { withServer } from '../../client/withServer.ts'
import { type Column, type Format, printRows, withOutput } from '../../output.ts'
import type { Surroundings } from '../../surroundings.ts'
import { ageOf } from '../../view/age.ts'

export function defineList(group: Command, surroundings: Surroundings): void {
  const command = group.command('list').description('all machines on record')
  withOutput(command)
    .addHelpText(
      'after',
      `
Examples:
  slipway machine list
  slipway machine list -o json | jq -r '.[] | select(.use == null) | .name'
`,
    )
    .action(async ({ output }: { output: Format }) => {
      const machines = await withServer(
        surroundings,
        ({ client }) => allPages(client, '/machines', machineShape, {}),
        'looks',
      )
      await printRows(output, machines, columns)
    })
}

const columns: readonly Column<Machine>[] = [
  { title: 'name', value: ({ name }) => name },
  { title: 'provider', value: ({ provider }) => provider },
  { title: 'status', value: ({ status }) => status },
  { title: 'address', value: ({ addresses }) => addresses[0] },
  { title: 'used by', value: ({ use }) => use && `${use.cluster} (${use.status})` },
  { title: 'age', value: ({ created }) => ageOf(created) },
  { title: 'since', value: ({ status_since }) => status_since, wide: true },
  { title: 'uid', value: ({ uid }) => uid, wide: true },
  { title: 'last error', value: ({ last_error }) => last_error, wide: true },
]
