import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { seeded } from '../seeded.ts'
import { temporaryFolder } from '../store/temporaryFolder.ts'
import { type Disk, openDisk, sectorSize } from './disk.ts'

/** The disk of the machine whose power is cut: a round over one that forgets nothing, or too much, would say nothing. */

const sectors = 64
let file = ''
let disks: Disk[] = []
const open = (flushes?: boolean): Disk => {
  const disk = openDisk(file, flushes)
  disks.push(disk)
  return disk
}
beforeEach(() => {
  file = join(temporaryFolder('disk'), 'image')
  writeFileSync(file, Buffer.alloc(sectors * sectorSize))
})
afterEach(() => {
  for (const disk of disks) disk.close()
  disks = []
})
const filled = (content: number, count = 1): Buffer => Buffer.alloc(count * sectorSize, content)
/** The first byte of each sector that the file has. */
const onDisk = (): number[] =>
  Array.from({ length: sectors }, (_, index) => readFileSync(file)[index * sectorSize] ?? -1)

it('what was written is read at once, and is on the disk after a flush', () => {
  const disk = open()
  disk.write(2 * sectorSize, filled(7, 3))
  disk.write(3 * sectorSize, filled(8))
  expect(disk.read(sectorSize, 5 * sectorSize)).toEqual(
    Buffer.concat([filled(0), filled(7), filled(8), filled(7), filled(0)]),
  )
  expect(new Set(onDisk())).toEqual(new Set([0]))
  disk.flush()
  expect(onDisk().slice(0, 6)).toEqual([0, 0, 7, 8, 7, 0])
  expect(disk.losePower(seeded(1))).toEqual({ lost: 0, kept: 0 })
})

it('a loss of power takes any of what was not flushed and leaves any other, and nothing of what was', () => {
  const disk = open()
  disk.write(0, filled(1, sectors))
  disk.flush()
  disk.write(0, filled(2, sectors))
  const { lost, kept } = disk.losePower(seeded(3))
  expect(lost + kept).toBe(sectors)
  expect(lost).toBeGreaterThan(0)
  expect(kept).toBeGreaterThan(0)
  const left = onDisk()
  expect(left.filter(content => content === 1)).toHaveLength(lost)
  expect(left.filter(content => content === 2)).toHaveLength(kept)
  expect(disk.read(0, sectors * sectorSize)).toEqual(readFileSync(file))
})

it('can lose its power in a flush: that one is not answered, and nothing of it is safe', async () => {
  const disk = open()
  const broken = disk.breakAt(2)
  disk.write(0, filled(1))
  expect(disk.flush()).toBe(true)
  disk.write(0, filled(2))
  expect(disk.flush()).toBe(false)
  await broken
  expect(disk.losePower(() => 0)).toEqual({ lost: 1, kept: 0 })
  expect(onDisk()[0]).toBe(1)
  expect(disk.flush()).toBe(true)
})

it('one that lies says it has flushed, and loses all', () => {
  const disk = open(false)
  disk.write(0, filled(1, sectors))
  expect(disk.flush()).toBe(true)
  expect(disk.losePower(seeded(1))).toEqual({ lost: sectors, kept: 0 })
  expect(new Set(onDisk())).toEqual(new Set([0]))
})
