import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { writeText } from './writeText.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'slipway-write-'))
})
afterEach(() => rmSync(folder, { recursive: true }))
const write = (file: string, force = false) => writeText(join(folder, file), 'new', { option: '-f', force })

it('writes a file that is not there', async () => {
  await write('a')
  expect(readFileSync(join(folder, 'a'), 'utf8')).toBe('new')
})

it.each([
  ['a file', () => writeFileSync(join(folder, 'a'), 'old')],
  [
    'a link to one',
    () => {
      writeFileSync(join(folder, 'old'), 'old')
      symlinkSync('old', join(folder, 'a'))
    },
  ],
])('leaves %s as it is unless it is forced', async (_what, make) => {
  make()
  await expect(write('a')).rejects.toMatchObject({ code: 'usage', remedy: expect.stringContaining('--force') })
  expect(readFileSync(join(folder, 'a'), 'utf8')).toBe('old')
  await write('a', true)
  expect(readFileSync(join(folder, 'a'), 'utf8')).toBe('new')
})

it('a folder is refused as such, also when it is forced', async () => {
  mkdirSync(join(folder, 'a'))
  await expect(write('a', true)).rejects.toMatchObject({ message: expect.stringContaining('cannot be written') })
  await expect(write('none/a')).rejects.toMatchObject({ message: expect.stringContaining('cannot be written') })
})

it('what only hands on is written to', async () => {
  await writeText('/dev/null', 'new', { option: '-f', force: false })
})
