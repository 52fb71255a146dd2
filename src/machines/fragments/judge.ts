import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { findAnsible } from '../../ansible/tools.ts'
import { SlipwayError } from '../../domain/errors.ts'
import { runProcess } from '../../processes/run.ts'
import type { Rendering } from './render.ts'

/** What Ansible reads from an inventory. */
export interface ReadInventory {
  readonly hosts: ReadonlyMap<string, Readonly<Record<string, unknown>>>
  /** Members of the group `vms`. */
  readonly vms: ReadonlySet<string>
}

/** Reads the text of an inventory. @throws SlipwayError `inventory-refused` in the words of whoever reads it. */
export type InventoryReader = (text: string, signal?: AbortSignal) => Promise<ReadInventory>

const listing = z.object({
  _meta: z.object({ hostvars: z.record(z.string(), z.record(z.string(), z.unknown())) }),
  vms: z.object({ hosts: z.array(z.string()).default([]) }).optional(),
})

/** ms; Ansible takes half a second, and many times that on a machine that has no time. */
const patience = 120_000

/**
 * The real ansible-inventory. It says 0 to nearly everything unless it is told not to, and reads variables of groups that lie
 * beside a file: so it is given a copy in a folder of its own, and no setting of the user's.
 */
export const askAnsible: InventoryReader = async (text, signal) => {
  const { bin, python } = await findAnsible()
  const folder = await mkdtemp(join(tmpdir(), 'slipway-inventory-'))
  try {
    const file = join(folder, 'inventory.ini')
    const settings = join(folder, 'ansible.cfg')
    await Promise.all([writeFile(file, text), writeFile(settings, '')])
    const asked = await runProcess(python, [join(bin, 'ansible-inventory'), '-i', file, '--list'], {
      environment: {
        ANSIBLE_CONFIG: settings,
        ANSIBLE_HOME: join(folder, 'home'),
        ANSIBLE_LOCAL_TEMP: join(folder, 'tmp'),
        ANSIBLE_NOCOLOR: 'true',
        ANSIBLE_INVENTORY_ENABLED: 'ini',
        ANSIBLE_INVENTORY_UNPARSED_FAILED: '1',
        ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED: '1',
      },
      directory: folder,
      timeout: patience,
      maxOutput: 64 * 2 ** 20,
      ...(signal && { signal }),
    })
    signal?.throwIfAborted()
    const said = asked.stderr.replaceAll(`${file}:`, 'line ').replaceAll(file, 'it').trim()
    if (asked.exitCode !== 0) throw refusedBy(said || `ansible-inventory ended by ${asked.end}`)
    const { _meta: meta, vms } = listing.parse(JSON.parse(asked.stdout))
    return { hosts: new Map(Object.entries(meta.hostvars)), vms: new Set(vms?.hosts) }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const refusedBy = (words: string): SlipwayError =>
  new SlipwayError('inventory-refused', `Ansible does not take it: ${firstError(words)}`)

/** Ansible warns of much before and behind what it says. */
const firstError = (words: string): string => {
  const at = words.search(/ERROR|Failed to parse|error/i)
  return words.slice(Math.max(at, 0), Math.max(at, 0) + 600).replace(/\s+/g, ' ')
}

/**
 * Whether Ansible reads from a rendering what is meant: every host that has an address once, in `vms`, with its variables,
 * and beside them what others' fragments say on their own, and nobody else.
 * @throws SlipwayError `inventory-refused`.
 */
export async function judge(rendering: Rendering, read: InventoryReader, signal?: AbortSignal): Promise<void> {
  const { foreign, fragments, merged } = rendering
  const others = foreign.length === 0 ? new Set<string>() : await hostsOfOthers(rendering, read, signal)
  const { hosts, vms } = await read(merged, signal)
  const meant = new Map(fragments.flatMap(({ machine, host }) => (host === null ? [] : [[machine, host] as const])))
  const doubled = [...meant.keys()].filter(name => others.has(name))
  if (doubled.length > 0)
    throw new SlipwayError(
      'inventory-refused',
      `${doubled.join(', ')} also ${doubled.length === 1 ? 'stands' : 'stand'} in a fragment that is not Slipway’s: ${foreign.map(({ file }) => file).join(', ')}`,
      {
        remedy:
          'Take the host out of that file, or give it another name there: two hosts of one name are one to Ansible.',
      },
    )
  const missing = [...meant.keys(), ...others].filter(name => !hosts.has(name))
  const notInGroup = [...meant.keys()].filter(name => !vms.has(name))
  const tooMany = [...hosts.keys()].filter(name => !meant.has(name) && !others.has(name))
  const otherwise = [...meant].flatMap(([name, variables]) =>
    Object.entries(variables)
      .filter(([key, value]) => hosts.get(name)?.[key] !== value)
      .map(([key]) => `${key} of ${name}`),
  )
  const faults = [
    ...(missing.length > 0 ? [`lost: ${missing.join(', ')}`] : []),
    ...(notInGroup.length > 0 ? [`not in vms: ${notInGroup.join(', ')}`] : []),
    ...(tooMany.length > 0 ? [`nobody’s: ${tooMany.join(', ')}`] : []),
    ...(otherwise.length > 0 ? [`read otherwise: ${otherwise.join(', ')}`] : []),
  ]
  if (faults.length > 0)
    throw new SlipwayError('inventory-refused', `Ansible reads other hosts than are meant: ${faults.join('; ')}`)
}

/** @throws SlipwayError `inventory-refused` that names the file that is at fault. */
async function hostsOfOthers(
  { foreign }: Rendering,
  read: InventoryReader,
  signal: AbortSignal | undefined,
): Promise<ReadonlySet<string>> {
  const alone = (texts: readonly string[]) => read(`[vms]\n\n${texts.join('\n')}\n`, signal)
  try {
    return new Set((await alone(foreign.map(({ text }) => text))).hosts.keys())
  } catch (error) {
    for (const { file, text } of foreign)
      await alone([text]).catch((cause: unknown) => {
        if (!(cause instanceof SlipwayError) || cause.code !== 'inventory-refused') throw cause
        throw new SlipwayError('inventory-refused', `${file}, which is not Slipway’s: ${cause.message}`, {
          remedy: 'Fix this file, or move it out of the folder; the inventory stays as it was until then.',
          cause,
        })
      })
    throw error
  }
}
