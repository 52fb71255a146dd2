import { type Command, Option } from 'commander'
import { resolve } from 'node:path'
import { asJson, asYaml } from '../../../machines/fragments/formats.ts'
import { readInventoryFolder } from '../../../machines/fragments/folder.ts'
import { renderInventories } from '../../../machines/fragments/render.ts'
import { withServer } from '../../client/withServer.ts'
import { listMachines, tellLeftOut, usualFolder, writeInventory } from '../../machineInventory.ts'
import type { Surroundings } from '../../surroundings.ts'

interface InventoryOptions {
  readonly write?: string | true
  readonly format: 'ini' | 'yaml' | 'json'
}

export function defineInventory(group: Command, surroundings: Surroundings): void {
  group
    .command('inventory')
    .description('machines as an inventory of Ansible: printed, or written to a folder')
    .option('--write [folder]', `write it, and a fragment for each machine; default folder ${usualFolder}`)
    .addOption(
      new Option('--format <format>', 'how it is printed')
        .choices(['ini', 'yaml', 'json'])
        .default('ini')
        .conflicts('write'),
    )
    .addHelpText(
      'after',
      `
It is a rendering of what is on record, made as a whole each time: FOLDER/inventory.ini with the group vms, a fragment for each
machine in FOLDER/inventory.d, and the pinned host keys in FOLDER/known_hosts. Nothing is replaced before ansible-inventory has
read what is to be. Fragments of your own in FOLDER/inventory.d are taken in, and left as they are.

Examples:
  slipway machine inventory
  slipway machine inventory --write
  slipway machine inventory --write site/ansible && ansible -i site/ansible/inventory.ini vms -m ping
`,
    )
    .action(async ({ write, format }: InventoryOptions) => {
      await withServer(
        surroundings,
        async ({ client }) => {
          if (write !== undefined) {
            await writeInventory(client, write === true ? usualFolder : write)
            return
          }
          const folder = resolve(usualFolder)
          const [machines, { foreign }] = await Promise.all([listMachines(client), readInventoryFolder(folder)])
          const rendering = renderInventories(folder, machines, foreign)
          process.stdout.write(
            format === 'ini' ? rendering.merged : format === 'yaml' ? asYaml(rendering) : asJson(rendering),
          )
          tellLeftOut(rendering)
        },
        'looks',
      )
    })
}
