import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { temporaryFolder } from '../../temporaryFolder.fixture.ts'
import { readServerNote, writeServerNote } from './serverFile.ts'

const note = { url: 'http://127.0.0.1:7420', pid: 1, instance: 'a', database: 'embedded' as const }
const folder = temporaryFolder

it('takes the place of an earlier note, whatever that held', () => {
  const file = join(folder(), 'server.json')
  writeFileSync(file, 'not even JSON')
  expect(readServerNote(file)).toBe(null)
  writeServerNote(file, note)
  expect(readServerNote(file)).toEqual(note)
})

it('says what has its place where that is a folder, and leaves no draft behind', () => {
  const place = folder()
  const file = join(place, 'server.json')
  mkdirSync(file)
  expect(readServerNote(file)).toBe(null)
  expect(() => writeServerNote(file, note)).toThrow(
    expect.objectContaining({
      code: 'folder-unusable',
      message: `${file} cannot be written: it is a folder`,
      remedy: expect.stringContaining(`Remove the folder ${file}`),
    }),
  )
  expect(readdirSync(place)).toEqual(['server.json'])
})

it('says that its folder is not there', () => {
  const file = join(folder(), 'gone', 'server.json')
  expect(() => writeServerNote(file, note)).toThrow(expect.objectContaining({ code: 'folder-unusable' }))
})
