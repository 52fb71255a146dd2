import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { machineShape } from '../contract/machines.ts'
import { exitCodes } from '../domain/errors.ts'
import { readInventoryFolder, refuseTaken } from '../machines/fragments/folder.ts'
import { askAnsible } from '../machines/fragments/judge.ts'
import type { Rendering } from '../machines/fragments/render.ts'
import { openInventoryFolder, writeInventories, type Written } from '../machines/fragments/write.ts'
import { allPages } from './client/allPages.ts'
import type { Client } from './client/client.ts'
import { paint, say } from './terminal.ts'
import { busy } from './view/busy.ts'

/** Where inventories of machines are, unless another folder is named. */
export const usualFolder = 'ansible'

export const listMachines = (client: Client) => allPages(client, '/machines', machineShape)

/**
 * Renders the inventories of a folder from all machines on record, and tells what has changed.
 * @throws SlipwayError `inventory-refused`, with everything in the folder as it was.
 */
export async function writeInventory(client: Client, path: string, signal?: AbortSignal): Promise<Written> {
  const written = await busy(
    `Writing ${path}`,
    writeInventories(path, { machines: () => listMachines(client), read: askAnsible, ...(signal && { signal }) }),
  )
  tellWritten(path, written)
  return written
}

function tellWritten(path: string, { rendering, changed }: Written): void {
  const { fragments, foreign } = rendering
  const hosts = fragments.filter(({ host }) => host !== null).length
  const [lost, made] = [
    changed.filter(({ kind }) => kind === 'orphaned'),
    changed.filter(({ kind }) => kind === 'missing'),
  ]
  const what = [
    ...(made.length > 0 ? [`added ${namesOf(made)}`] : []),
    ...(lost.length > 0 ? [`removed ${namesOf(lost)}`] : []),
  ]
  const how = changed.length === 0 ? 'is as it is to be' : 'written'
  say(
    `${paint('green', '✔')} ${join(path, 'inventory.ini')} ${how}: ${hosts} ${hosts === 1 ? 'host' : 'hosts'}${what.length > 0 ? ` (${what.join('; ')})` : ''}`,
  )
  if (foreign.length > 0)
    say(`  taken in as they are, since they are not Slipway’s: ${foreign.map(({ file }) => file).join(', ')}`)
  tellLeftOut(rendering)
}

const namesOf = (all: readonly { readonly machine: string | null }[]): string => {
  const names = all.map(({ machine }) => machine)
  return names.length > 5 ? `${names.length} machines` : names.join(', ')
}

/** What of an inventory somebody may miss: machines that it does not list, and keys that are not there. */
export function tellLeftOut({ fragments }: Rendering): void {
  for (const { machine, why } of fragments.filter(({ host }) => host === null))
    say(`  ${paint('yellow', machine)} is not listed: ${why}`)
  const keys = Map.groupBy(
    fragments.flatMap(({ machine, host }) => {
      const key = host?.['ansible_ssh_private_key_file']
      return typeof key === 'string' && !existsSync(key.replace(/^~\//, `${homedir()}/`)) ? [{ key, machine }] : []
    }),
    ({ key }) => key,
  )
  for (const [key, those] of keys) say(`  ${paint('yellow', namesOf(those))}: there is no key ${key} on this machine`)
}

/**
 * Whether inventories of these machines can be written there: what stands in the way is better known before a machine is
 * made. @throws SlipwayError `inventory-refused`.
 */
export async function checkInventoryFolder(path: string, machines: readonly string[]): Promise<void> {
  refuseTaken(await readInventoryFolder(await openInventoryFolder(path)), machines)
}

export const inventoryOption = ['--inventory <folder>', 'write the inventory of all machines there afterwards'] as const

/** Does something to machines, and writes the inventory afterwards where a folder is named. Gives the exit code. */
export async function withInventory(
  client: Client,
  { inventory, dryRun }: { readonly inventory?: string; readonly dryRun?: boolean },
  machines: readonly string[],
  work: () => Promise<number>,
): Promise<number> {
  if (inventory === undefined || dryRun === true) return work()
  await checkInventoryFolder(inventory, machines)
  const exit = await work()
  // Whoever has left a run does not know yet what becomes of its machine.
  if (exit !== exitCodes.interrupted) await writeInventory(client, inventory)
  return exit
}
