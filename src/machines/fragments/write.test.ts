import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { SlipwayError } from '../../domain/errors.ts'
import { temporaryFolder } from '../../temporaryFolder.fixture.ts'
import type { InventoryReader } from './judge.ts'
import { readsLines } from './reader.fixture.ts'
import { listed } from './machines.fixture.ts'
import type { ListedMachine } from './render.ts'
import { writeInventories } from './write.ts'

let folder = ''
beforeEach(() => {
  folder = join(temporaryFolder(), 'ansible')
})
const at = (path: string) => join(folder, path)
const text = (path: string) => readFileSync(at(path), 'utf8')
const write = (machines: readonly ListedMachine[], read: InventoryReader = readsLines) =>
  writeInventories(folder, { machines: async () => machines, read })
const refused = (message: RegExp) =>
  expect.objectContaining({ code: 'inventory-refused', message: expect.stringMatching(message) })
/** All files with what they hold. */
const snapshot = (): unknown =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .toSorted()
    .map(name => (statSync(at(name)).isFile() ? [name, text(name)] : [name]))

describe('a folder of inventories', () => {
  it('gets a fragment for each machine, loses those of machines that are gone, and is left alone when nothing has changed', async () => {
    await write([listed('a'), listed('b')])
    expect(readdirSync(at('inventory.d')).toSorted()).toEqual(['a.ini', 'b.ini'])
    const before = statSync(at('inventory.ini')).ino
    expect((await write([listed('b'), listed('a')])).changed).toEqual([])
    expect(statSync(at('inventory.ini')).ino).toBe(before)
    const { changed } = await write([listed('b', { addresses: ['10.0.0.8'] })])
    expect(changed.map(({ kind, machine }) => [kind, machine])).toEqual([
      ['orphaned', 'a'],
      ['outdated', 'b'],
      ['known-hosts', null],
      ['merged', null],
    ])
    expect(readdirSync(at('inventory.d'))).toEqual(['b.ini'])
    expect(text('inventory.ini')).toContain('ansible_host=10.0.0.8')
    expect(text('inventory.ini')).not.toContain('machine a')
  })

  it('keeps everything as it was when what would be written is not what is meant', async () => {
    await write([listed('a')])
    const before = snapshot()
    const lossy: InventoryReader = async given => {
      const { hosts, vms } = await readsLines(given)
      return { hosts: new Map([...hosts].slice(1)), vms }
    }
    await expect(write([listed('a'), listed('b')], lossy)).rejects.toEqual(refused(/lost: a/))
    const failing: InventoryReader = async () => {
      throw new SlipwayError('inventory-refused', 'Ansible does not take it: line 7')
    }
    await expect(write([], failing)).rejects.toEqual(refused(/line 7/))
    expect(snapshot()).toEqual(before)
  })

  it('takes in fragments of others, leaves them as they are, and refuses a host that both have', async () => {
    await write([listed('a')])
    writeFileSync(at('inventory.d/lab.ini'), '[vms]\n10.9.9.9 vm_name=old')
    await write([listed('a'), listed('b')])
    expect(text('inventory.ini')).toMatch(
      /\n# BEGIN inventory\.d\/lab\.ini.*\n\[vms\]\n10\.9\.9\.9 vm_name=old\n# END /,
    )
    await write([])
    expect(text('inventory.d/lab.ini')).toBe('[vms]\n10.9.9.9 vm_name=old')
    expect(text('inventory.ini')).toContain('10.9.9.9')
    writeFileSync(at('inventory.d/lab.ini'), '[vms]\nb ansible_host=10.9.9.9\n')
    await expect(write([listed('b')])).rejects.toEqual(refused(/b also stands in .*lab\.ini/))
  })

  it('replaces no file in its places that is not its own, and says how to go on', async () => {
    await write([])
    for (const name of ['inventory.ini', 'inventory.d/a.ini', 'known_hosts']) {
      writeFileSync(at(name), '[vms]\n10.9.9.9\n')
      const before = snapshot()
      const error = await write([listed('a')]).catch((thrown: unknown) => thrown)
      expect(error).toEqual(refused(new RegExp(`has not written ${at(name)}`)))
      expect(error).toHaveProperty('remedy', expect.stringContaining(`mv ${at(name)} ${at(name)}.before`))
      expect(snapshot()).toEqual(before)
      // A blank file has nothing to lose, and a fragment that was cut off is still one of ours.
      writeFileSync(at(name), name === 'inventory.d/a.ini' ? '# BEGIN slipway machine a' : '')
    }
    await write([listed('a')])
    expect(text('inventory.d/a.ini')).toContain('# END slipway machine a')
    rmSync(at('inventory.ini'))
    symlinkSync('inventory.d/a.ini', at('inventory.ini'))
    await expect(write([listed('a')])).rejects.toEqual(refused(/has not written .*inventory\.ini/))
  })

  it('removes what a writer has left that was killed', async () => {
    mkdirSync(at('inventory.d'), { recursive: true })
    const left = 'inventory.d/.slipway-6f1c9c1e-0000-4000-8000-000000000000.tmp'
    writeFileSync(at(left), 'half')
    await write([])
    expect(existsSync(at(left))).toBe(false)
  })

  it.each(['it’s ok', 'a$HOME', "a'b", 'a"b', 'a{{b}}'])('in the path %s is refused or written', async name => {
    folder = join(folder, name)
    const fine = name === 'it’s ok'
    const outcome = await write([listed('a')]).then(
      () => 'written',
      (error: unknown) => (error instanceof SlipwayError ? error.code : error),
    )
    expect(outcome).toBe(fine ? 'written' : 'inventory-refused')
  })
})
