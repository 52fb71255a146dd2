import { type Command, Option } from 'commander'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { exitCodes, SlipwayError } from '../../../domain/errors.ts'
import { readMachineName } from '../../../domain/machine.ts'
import { runOwnPlaybook } from '../../../machines/ownPlaybook.ts'
import { type Connected, withServer } from '../../client/withServer.ts'
import { checkDotfiles } from '../../dotfilesInput.ts'
import { Interrupted } from '../../interrupted.ts'
import { type MachineInput, readMachineInputs } from '../../machineInput.ts'
import { checkInventoryFolder, usualFolder, writeInventory } from '../../machineInventory.ts'
import { collect } from '../../output.ts'
import { readProvisionWords } from '../../provisionWords.ts'
import { takeSignals } from '../../signals.ts'
import type { Surroundings } from '../../surroundings.ts'
import { paint, say } from '../../terminal.ts'
import { operateMachines } from './wishes.ts'

interface ProvisionOptions {
  readonly file?: string
  readonly provider?: string
  readonly image?: string
  readonly disk?: string
  readonly keyFile?: string
  readonly set: readonly string[]
  readonly inventory: string
  readonly playbook?: string
  readonly testDotfiles?: string
  readonly minimalTest?: boolean
  readonly keepOnFailure?: boolean
  readonly dryRun?: boolean
}

const usualFile = 'machines.yaml'

export function defineProvision(group: Command, surroundings: Surroundings): void {
  group
    .command('provision')
    .description('one machine from nothing to its playbook: make it, write the inventory, run the playbook on it')
    .argument('<name>', 'name of the machine')
    .argument('[words...]', 'MEMORY CPUS, or LOGIN [MEMORY] [CPUS]; MEMORY is a number of MiB')
    .addOption(
      new Option('-f, --file <file>', `settings of machines; default ${usualFile} where there is one`).env(
        'SLIPWAY_MACHINE_FILE',
      ),
    )
    .addOption(
      new Option('--provider <name>', 'who makes it; default libvirt where no file says it').env(
        'SLIPWAY_MACHINE_PROVIDER',
      ),
    )
    .addOption(new Option('--image <image>', 'what its disk begins as').env('SLIPWAY_MACHINE_IMAGE'))
    .addOption(new Option('--disk <size>', '20GiB; a number alone is GiB').env('SLIPWAY_MACHINE_DISK'))
    .addOption(new Option('--key-file <file>', 'private key of its login').env('SLIPWAY_MACHINE_KEY'))
    .option('--set <key=value>', 'a setting of the provider (repeat it)', collect, [])
    .option('--inventory <folder>', 'where the inventory is written', usualFolder)
    .option('--playbook <file>', 'what is run on it; default playbook.yml in the folder of the inventory')
    .option('--test-dotfiles <folder>', 'dotfiles with an install script, told to the playbook as dotfiles_local_path')
    .option('--minimal-test', 'tell the playbook minimal_test: true, so that it may leave out what takes long')
    .option('--keep-on-failure', 'keep a machine that was made by this call and has failed')
    .option('--dry-run', 'show what would be done and change nothing')
    .addHelpText(
      'after',
      `
Asks nothing. A machine that is there with these settings is taken as it is, and the playbook runs on it. When something
fails, what this call has made is destroyed again; a machine that was there before never is.

Examples:
  slipway machine provision dev-vm 4096 2
  slipway machine provision dev-vm admin 4096 2 --test-dotfiles /home/me/dotfiles
  slipway machine provision dev-vm --dry-run
`,
    )
    .action(async (word: string, words: string[], options: ProvisionOptions) => {
      const name = readMachineName(word)
      const input = await readInput(name, words, options)
      const playbook = options.playbook ?? join(options.inventory, 'playbook.yml')
      if (!existsSync(playbook))
        throw new SlipwayError('usage', `there is no playbook ${playbook}`, {
          remedy:
            'Write one, or name it: --playbook FILE. Without one: slipway machine create NAME --inventory FOLDER.',
        })
      process.exitCode = await withServer(surroundings, connected =>
        options.dryRun ? preview(connected, input, playbook, options) : provision(connected, input, playbook, options),
      )
    })
}

async function readInput(name: string, words: readonly string[], options: ProvisionOptions): Promise<MachineInput> {
  const { testDotfiles: dotfiles, provider, image, disk, keyFile, set } = options
  const typed = readProvisionWords(words)
  if (dotfiles !== undefined) await checkDotfiles(dotfiles)
  const file = options.file ?? (existsSync(usualFile) ? usualFile : undefined)
  const maker = provider ?? (file === undefined ? 'libvirt' : undefined)
  const given = {
    ...typed,
    ...(maker !== undefined && { provider: maker }),
    ...(image !== undefined && { image }),
    ...(disk !== undefined && { disk }),
    ...(keyFile !== undefined && { keyFile }),
    ...(dotfiles !== undefined && { dotfiles }),
    set,
  }
  const [input] = await readMachineInputs([name], file, given)
  if (!input) throw new SlipwayError('usage', 'no machine is named')
  return input
}

const wishOf = ({ name, spec, files }: MachineInput) => ({
  name,
  operation: 'create' as const,
  spec,
  files,
  change: false,
  accept: [],
})

async function preview(
  connected: Connected,
  input: MachineInput,
  playbook: string,
  { inventory }: ProvisionOptions,
): Promise<number> {
  const command = 'slipway machine provision'
  const exit = await operateMachines(connected, [wishOf(input)], { output: 'table', dryRun: true, command })
  say(`Then: write ${join(inventory, 'inventory.ini')}, and run ${playbook} on ${input.name}.`)
  return exit
}

async function provision(
  connected: Connected,
  input: MachineInput,
  playbook: string,
  options: ProvisionOptions,
): Promise<number> {
  const { name } = input
  await checkInventoryFolder(options.inventory, [name])
  let isOurs = false
  try {
    const exit = await operateMachines(connected, [wishOf(input)], {
      output: 'table',
      yes: true,
      command: 'slipway machine provision',
      made: () => {
        isOurs = true
      },
    })
    if (exit === exitCodes.interrupted) return exit
    const { folder } = await writeInventory(connected.client, options.inventory)
    if (exit !== exitCodes.done) return await undone(exit)
    await play(join(folder, 'inventory.ini'), name, playbook, options)
    say(`${paint('green', '✔')} ${name} is ready: ${playbook} has run on it`)
    return exitCodes.done
  } catch (error) {
    if (error instanceof Interrupted) say(`${name} stays as it is. Take it away: slipway machine destroy ${name}`)
    else await undone(exitCodes.failed)
    throw error
  }

  async function undone(exit: number): Promise<number> {
    if (!isOurs) return exit
    isOurs = false
    if (options.keepOnFailure) {
      say(`${name} is kept. Take it away: slipway machine destroy ${name}`)
      return exit
    }
    say(`Taking away what was made of ${name} …`)
    const wish = { name, operation: 'destroy' as const, spec: null, files: {}, change: false, accept: [] }
    const command = `slipway machine destroy ${name}`
    const destroyed = await operateMachines(connected, [wish], { output: 'table', yes: true, command })
    if (destroyed === exitCodes.done) await writeInventory(connected.client, options.inventory)
    else say(`It is still there. Take it away: ${command}`)
    return exit
  }
}

async function play(
  inventory: string,
  host: string,
  playbook: string,
  { minimalTest }: ProvisionOptions,
): Promise<void> {
  const stop = new AbortController()
  const release = takeSignals(() => stop.abort(new Interrupted()))
  try {
    await runOwnPlaybook({
      playbook,
      inventory,
      host,
      variables: minimalTest ? { minimal_test: true } : {},
      log: text => void process.stdout.write(text),
      signal: stop.signal,
    })
  } finally {
    release()
  }
}
