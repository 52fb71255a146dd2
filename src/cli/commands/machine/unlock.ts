import type { Command } from 'commander'
import { unlockedShape } from '../../../contract/machines.ts'
import { readMachineName } from '../../../domain/machine.ts'
import { withServer } from '../../client/withServer.ts'
import { printLine } from '../../output.ts'
import type { Surroundings } from '../../surroundings.ts'

export function defineUnlock(group: Command, surroundings: Surroundings): void {
  group
    .command('unlock')
    .description('take a lock away from the Terraform state of a machine')
    .argument('<name>', 'name of the machine')
    .requiredOption('--lock <id>', 'the lock, as the error tells it')
    .addHelpText(
      'after',
      `
A state in a backend is locked while somebody works with it. Where they were killed, the lock may stay. Be sure that nobody is at
it any more: two who write one state lose what the other has made. A lock that Slipway itself has left is released by its next run.

Examples:
  slipway machine unlock dev-vm --lock 5f1c9e0a-77c4-3b5e-2f8e-9d3a1d8c2b47
`,
    )
    .action(async (word: string, { lock }: { lock: string }) => {
      const name = readMachineName(word)
      const path = `/machines/${encodeURIComponent(name)}/unlock`
      const place = await withServer(surroundings, ({ client }) => client.post(path, { lock }, unlockedShape), 'acts')
      printLine(`the Terraform state of ${name} is unlocked: workspace ${place.workspace} in ${place.backend}`)
    })
}
