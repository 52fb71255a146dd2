import type { Command } from 'commander'
import { resolve } from 'node:path'
import { SlipwayError } from '../../../domain/errors.ts'
import { shellWord } from '../../../domain/placeholders.ts'
import { withServer } from '../../client/withServer.ts'
import { collect } from '../../output.ts'
import { acceptOptions } from '../../follow/takeUp.ts'
import { withMachineOperation } from '../../follow/operate.ts'
import { checkDotfiles } from '../../dotfilesInput.ts'
import { inventoryOption, withInventory } from '../../machineInventory.ts'
import type { Surroundings } from '../../surroundings.ts'
import { type GivenSettings, readMachineInputs } from '../../machineInput.ts'
import { operateMachines } from './wishes.ts'

interface CreateOptions extends GivenSettings {
  readonly file?: string
  readonly change?: boolean
  readonly inventory?: string
  readonly output: 'table' | 'json' | 'yaml'
  readonly accept: readonly string[]
  readonly dryRun?: boolean
  readonly yes?: boolean
  readonly approve?: string
}

export function defineCreate(group: Command, surroundings: Surroundings): void {
  const command = group.command('create').description('make machines, or what is missing of them')
  withMachineOperation(command)
    .argument('[names...]', 'their names: hostname, name at the provider and in inventories')
    .option('-f, --file <file>', 'settings of machines; without names all that it lists are meant')
    .option('--provider <name>', 'who makes it: libvirt, digitalocean, existing, or one of your own')
    .option('--memory <size>', '4GiB, 4096MiB; a number alone is MiB')
    .option('--cpus <count>', 'virtual CPUs')
    .option('--disk <size>', '20GiB; a number alone is GiB')
    .option('--image <image>', 'what its disk begins as; what it may be is its provider’s')
    .option('--user <login>', 'login that it lets in; default root')
    .option('--key-file <file>', 'private key of that login; default: the first that is in ~/.ssh')
    .option('--set <key=value>', 'a setting of the provider: --set pool=fast (repeat it)', collect, [])
    .option('--dotfiles <folder>', 'dotfiles with an install script, which inventories tell to playbooks')
    .option(...inventoryOption)
    .option('--change', 'change a machine that is there with other settings')
    .addHelpText(
      'after',
      `
Shows what Terraform would do and asks; then makes the machines side by side, and waits until each lets its login in.
Every machine has a state and a lease of its own: one that fails is in no other's way. What was made of it is on record;
the same command goes on with it, and slipway machine destroy takes it away.

Examples:
  slipway machine create dev-vm --provider libvirt --memory 4GiB --cpus 2 --disk 20GiB --image debian-12.qcow2
  slipway machine create -f machines.yaml
  slipway machine create w4 w5 -f machines.yaml --yes
  slipway machine create dev-vm -f machines.yaml --inventory ansible
  slipway machine create gateway --provider existing --set address=10.0.0.7 --user admin
`,
    )
    .action(async (names: string[], options: CreateOptions) => {
      if (options.dotfiles !== undefined) await checkDotfiles(options.dotfiles)
      const inputs = await readMachineInputs(names, options.file, options)
      const wishes = inputs.map(({ name, spec, files }) => ({
        name,
        operation: 'create' as const,
        spec,
        files,
        change: options.change ?? false,
        accept: options.accept,
      }))
      if (wishes.length === 0)
        throw new SlipwayError('usage', 'no machine is named', {
          remedy: 'Name one, or a file that lists some: -f FILE.',
        })
      process.exitCode = await withServer(surroundings, connected =>
        withInventory(
          connected.client,
          options,
          wishes.map(({ name }) => name),
          () => operateMachines(connected, wishes, { ...options, command: commandOf(names, options) }),
        ),
      )
    })
}

/** What was typed, without the approval. */
function commandOf(names: readonly string[], options: CreateOptions): string {
  const { file, provider, memory, cpus, disk, image, user, keyFile, dotfiles, set, change, inventory } = options
  const given = { provider, memory, cpus, disk, image, user, 'key-file': keyFile, dotfiles, inventory }
  return [
    'slipway machine create',
    ...names.map(shellWord),
    ...(file === undefined ? [] : [`-f ${shellWord(file === '-' ? file : resolve(file))}`]),
    ...Object.entries(given).flatMap(([key, value]) => (value === undefined ? [] : [`--${key} ${shellWord(value)}`])),
    ...set.map(one => `--set ${shellWord(one)}`),
    ...(change ? ['--change'] : []),
    ...acceptOptions(options.accept),
  ].join(' ')
}
