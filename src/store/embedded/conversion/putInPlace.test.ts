import fs, { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { basename, join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { temporaryFolder } from '../../../temporaryFolder.fixture.ts'
import { beingMade, placesOf } from '../places.ts'
import { putInPlace } from './putInPlace.ts'
import { noteSetAside, removeSetAside } from './setAside.ts'

let folder: string
beforeEach(() => {
  folder = temporaryFolder()
})
afterEach(() => {
  vi.restoreAllMocks()
  syncBuiltinESMExports()
})
const make = (name: string): string => {
  const path = join(folder, name)
  mkdirSync(path)
  writeFileSync(join(path, 'PG_VERSION'), name)
  return path
}
const names = () => fs.readdirSync(folder).toSorted()
const told: string[] = []
const report = (message: string): void => void told.push(message)
beforeEach(() => {
  told.length = 0
})

/** As after a conversion whose database has not started yet. */
function convertedFrom(...majors: string[]) {
  const places = placesOf(folder)
  for (const major of majors) {
    const made = make(basename(beingMade(places)))
    noteSetAside(made, major, places)
    if (!existsSync(places.real)) make('postgresql')
    putInPlace(places, made, major)
  }
  return places
}

it('each name is on the disk before the next one is given', () => {
  const done: string[] = []
  const { renameSync, fsyncSync } = fs
  vi.spyOn(fs, 'renameSync').mockImplementation((from, to) => {
    done.push(`${basename(String(from))} ${basename(String(to))}`)
    renameSync(from, to)
  })
  vi.spyOn(fs, 'fsyncSync').mockImplementation(descriptor => {
    done.push(`sync ${fs.readlinkSync(`/proc/self/fd/${descriptor}`) === folder}`)
    fsyncSync(descriptor)
  })
  syncBuiltinESMExports()
  make('postgresql')
  putInPlace(placesOf(folder), make('made'), '17')
  expect(done).toEqual([
    'made postgresql.converted-from-17',
    'sync true',
    'postgresql postgresql.old-17',
    'sync true',
    'postgresql.converted-from-17 postgresql',
    'sync true',
  ])
  expect(readFileSync(join(folder, 'postgresql', 'PG_VERSION'), 'utf8')).toBe('made')
})

it('what a conversion has put aside is removed, and told, when the new one has started well', async () => {
  const places = convertedFrom('17')
  expect(names()).toEqual(['postgresql', 'postgresql.old-17'])
  await removeSetAside(places, report)
  expect(names()).toEqual(['postgresql'])
  expect(told).toEqual([expect.stringContaining('postgresql.old-17, the database before its conversion, was removed')])
  await removeSetAside(places, report)
  expect(told).toHaveLength(1)
})

it('a folder of that name that somebody else has put there is not removed', async () => {
  make('postgresql')
  make('postgresql.old-17')
  await removeSetAside(placesOf(folder), report)
  expect(names()).toEqual(['postgresql', 'postgresql.old-17'])
})

it('what two conversions have put aside, of which the first has never started well, goes with the second', async () => {
  const places = convertedFrom('17', '18')
  expect(names()).toEqual(['postgresql', 'postgresql.old-17', 'postgresql.old-18'])
  await removeSetAside(places, report)
  expect(names()).toEqual(['postgresql'])
})

it('a removal that was broken off is gone on with', async () => {
  const places = convertedFrom('17')
  fs.renameSync(join(folder, 'postgresql.old-17'), join(folder, 'postgresql.being-removed-17'))
  await removeSetAside(places, report)
  expect(names()).toEqual(['postgresql'])
})

it('what cannot be removed is told, with the database as it is, and tried again', async () => {
  const places = convertedFrom('17')
  const failing = vi.spyOn(fs, 'renameSync').mockImplementation(() => {
    throw Object.assign(new Error('EBUSY'), { code: 'EBUSY' })
  })
  syncBuiltinESMExports()
  await removeSetAside(places, report)
  expect(told).toEqual([expect.stringContaining('could not be removed: EBUSY')])
  failing.mockRestore()
  syncBuiltinESMExports()
  await removeSetAside(places, report)
  expect(names()).toEqual(['postgresql'])
})
