import type { Command } from 'commander'
import { createHash } from 'node:crypto'
import { realpath } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { machineCheckShape, machineDetailShape } from '../../../contract/machines.ts'
import { runDetailShape } from '../../../contract/runs.ts'
import { exitCodes } from '../../../domain/errors.ts'
import { readMachineName } from '../../../domain/machine.ts'
import { shellWord } from '../../../domain/placeholders.ts'
import { differences, readInventoryFolder } from '../../../machines/fragments/folder.ts'
import { renderInventories } from '../../../machines/fragments/render.ts'
import type { Client } from '../../client/client.ts'
import { type Connected, withServer } from '../../client/withServer.ts'
import { findingLines } from '../../failure.ts'
import { type ApprovalOptions, askFor } from '../../follow/approval.ts'
import { holdSignals } from '../../follow/interrupts.ts'
import { type Found, foundInFolder, foundOnRecord, type Repair } from '../../machineCheck.ts'
import { listMachines, writeInventory } from '../../machineInventory.ts'
import { type Format, printData, printLine, withOutput } from '../../output.ts'
import type { Surroundings } from '../../surroundings.ts'
import { busy } from '../../view/busy.ts'
import { followRuns } from './followRuns.ts'
import { operateMachines } from './wishes.ts'

interface CheckOptions extends ApprovalOptions {
  readonly inventory?: string
  readonly repair?: boolean
  readonly output: Format
}

export function defineCheck(group: Command, surroundings: Surroundings): void {
  const command = group
    .command('check')
    .description('what is not as it should be: with machines, providers and inventories')
  withOutput(command, ['table', 'json', 'yaml'])
    .argument('[names...]', 'these machines only')
    .option('--inventory <folder>', 'also whether the inventory there is what is on record')
    .option('--repair', 'do something about it, once the plan for that is approved')
    .option('--yes', 'take the plan as it is')
    .option('--approve <hash>', 'take the plan with this hash only')
    .addHelpText(
      'after',
      `
Machines in the middle of something that nobody executes, and those that let nobody in; Terraform states without a machine, what providers have and no state
knows, and fragments of inventories that are missing, outdated or of no machine. It changes nothing without --repair, which
goes on with interrupted runs, destroys what a provider still has of machines that are off the record, and writes the
inventory. What has the mark of no machine that was ever on record here is told and left alone.

It ends with 0 when nothing was found, or all was repaired, and with 3 when something is left.

Examples:
  slipway machine check
  slipway machine check dev-vm --inventory ansible
  slipway machine check --inventory ansible --repair --yes
`,
    )
    .action(async (words: string[], options: CheckOptions) => {
      const names = words.map(readMachineName)
      process.exitCode = await withServer(
        surroundings,
        async connected => {
          const found = await busy('Looking at machines and providers', look(connected.client, names, options))
          const { output, repair } = options
          if (output !== 'table' && !repair)
            await printData(
              output === 'json' ? 'json' : 'yaml',
              found.map(({ machine, finding }) => ({ machine, ...finding })),
            )
          else tell(found, names)
          if (found.length === 0) return exitCodes.done
          return repair ? repairAll(connected, found, names, options) : exitCodes.changes
        },
        options.repair ? 'acts' : 'looks',
      )
    })
}

async function look(client: Client, names: readonly string[], { inventory }: CheckOptions): Promise<readonly Found[]> {
  const onRecord = foundOnRecord(await client.look('/checks/machines', machineCheckShape))
  const inFolder = inventory === undefined ? [] : await lookAtFolder(client, inventory)
  const all = [...onRecord, ...inFolder]
  return names.length === 0 ? all : all.filter(({ machine }) => machine !== null && names.includes(machine))
}

async function lookAtFolder(client: Client, path: string): Promise<readonly Found[]> {
  const folder = await realpath(path).catch(() => resolve(path))
  const there = await readInventoryFolder(folder)
  const rendering = renderInventories(folder, await listMachines(client), there.foreign)
  const places = new Set(rendering.fragments.map(({ machine }) => `inventory.d/${machine}.ini`))
  const taken = [
    ...there.taken,
    ...there.foreign.flatMap(({ file }) => (places.has(file) ? [resolve(folder, file)] : [])),
  ]
  return foundInFolder(path, differences(there, rendering), taken)
}

function tell(found: readonly Found[], names: readonly string[]): void {
  for (const line of findingLines(found.map(({ finding }) => finding))) printLine(line)
  if (found.length === 0) printLine(`${names.length === 0 ? '' : `${names.join(', ')}: `}nothing was found`)
}

async function repairAll(
  connected: Connected,
  found: readonly Found[],
  names: readonly string[],
  options: CheckOptions,
): Promise<number> {
  const { client } = connected
  const { inventory } = options
  const repairs = repairsOf(found, inventory)
  if (repairs.length === 0) return exitCodes.changes
  await approve(repairs, names, options)
  const exits = [await goOn(connected, repairs), await destroyRemains(connected, repairs)]
  if (inventory !== undefined && repairs.some(({ kind }) => kind === 'inventory'))
    await writeInventory(client, inventory)
  const failed = exits.find(exit => exit !== exitCodes.done)
  if (failed !== undefined) return failed
  const left = await look(client, names, options)
  tell(left, names)
  return left.length === 0 ? exitCodes.done : exitCodes.changes
}

/** What is done to machines changes what is to be in the inventory, so that comes last. */
function repairsOf(found: readonly Found[], inventory: string | undefined): readonly Repair[] {
  const repairs = found.flatMap(({ repair }) => (repair === null ? [] : [repair]))
  const isTaken = found.some(({ finding }) => finding.name === 'inventory-taken')
  if (inventory === undefined || isTaken || repairs.every(({ kind }) => kind === 'inventory')) return repairs
  return [
    ...repairs,
    { kind: 'inventory', line: `write ${join(inventory, 'inventory.ini')}, as the machines are then` },
  ]
}

async function approve(repairs: readonly Repair[], names: readonly string[], options: CheckOptions): Promise<void> {
  const lines = [...new Set(repairs.map(({ line }) => line))]
  const { inventory } = options
  await askFor(
    {
      name: 'the plan',
      hash: createHash('sha256').update(lines.join('\n')).digest('hex'),
      lines: ['Repair:', ...lines.map(line => `  ${line}`)],
      question: 'Do this?',
      left: 'nothing was changed',
      later: 'Ask for it again when it should be done.',
    },
    options,
    [
      'slipway machine check',
      ...names,
      ...(inventory === undefined ? [] : [`--inventory ${shellWord(inventory)}`]),
      '--repair',
    ].join(' '),
  )
}

/** Interrupted runs, side by side. Gives the exit code. */
async function goOn(connected: Connected, repairs: readonly Repair[]): Promise<number> {
  const { client } = connected
  const runs = repairs.flatMap(one => (one.kind === 'run' ? [one] : []))
  if (runs.length === 0) return exitCodes.done
  const held = holdSignals()
  for (const { run, resume } of runs)
    if (resume) await client.post(`/runs/${run}/resume`, { as_planned: false }, runDetailShape, held.signal)
  const ended = await followRuns(
    connected,
    runs.map(({ machine, run }) => ({ name: machine, run })),
    held,
  )
  return Math.max(...ended.map(({ exit }) => exit))
}

async function destroyRemains(connected: Connected, repairs: readonly Repair[]): Promise<number> {
  const names = [...new Set(repairs.flatMap(one => (one.kind === 'remains' ? [one.machine] : [])))]
  for (const name of names) await connected.client.post(`/machines/${name}/remains`, {}, machineDetailShape)
  if (names.length === 0) return exitCodes.done
  const wishes = names.map(name => ({
    name,
    operation: 'destroy' as const,
    spec: null,
    files: {},
    change: false,
    accept: [],
  }))
  return operateMachines(connected, wishes, { output: 'table', yes: true, command: 'slipway machine check --repair' })
}
