import { chmodSync, mkdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { temporaryFolder } from '../temporaryFolder.fixture.ts'
import { makeDataFolder } from './makeFolder.ts'

it('makes the folder and those above it for its owner alone', () => {
  const folder = join(temporaryFolder(), 'a b', 'ü')
  makeDataFolder(folder)
  expect(statSync(folder).mode & 0o777).toBe(0o700)
  makeDataFolder(folder)
})

it.each<[string, (folder: string) => string, string]>([
  ['the root of the file system', () => '/', 'it is the root of the file system'],
  ['the root, written another way', () => '/usr/..', 'it is the root of the file system'],
  ['a file', folder => (writeFileSync(join(folder, 'f'), ''), join(folder, 'f')), 'is no folder'],
  ['a folder below a file', folder => (writeFileSync(join(folder, 'f'), ''), join(folder, 'f', 'x')), 'folder'],
])('%s is refused', (_what, place, why) => {
  expect(() => makeDataFolder(place(temporaryFolder()))).toThrow(
    expect.objectContaining({ code: 'folder-unusable', message: expect.stringContaining(why) }),
  )
})

it.each([
  [0o777, true],
  [0o1777, true],
  [0o702, true],
  [0o770, false],
  [0o755, false],
])('a folder of the mode %o in which everybody may write is refused: %s', (mode, refused) => {
  const folder = join(temporaryFolder(), 'home')
  mkdirSync(folder)
  chmodSync(folder, mode)
  const make = () => makeDataFolder(folder)
  if (refused) expect(make).toThrow(expect.objectContaining({ message: expect.stringContaining('chmod o-w') }))
  else make()
})
