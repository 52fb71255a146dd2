import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, expect, it } from 'vitest'

import { loadToken, readToken } from './token.ts'
import { temporaryFolder } from '../../temporaryFolder.fixture.ts'

let folder: string
let file: string
beforeEach(() => {
  folder = temporaryFolder()
  file = join(folder, 'token')
})

it('a token that was made is read again', () => {
  expect(readToken(file)).toBeNull()
  expect(loadToken(file)).toBe(readToken(file))
})

it.each([
  '',
  '\n',
  'short',
  `${'a'.repeat(20)} ${'b'.repeat(20)}`,
  `${'a'.repeat(20)}\n${'b'.repeat(20)}`,
  'é'.repeat(30),
])('a token file that holds %j is refused by server and command alike', text => {
  writeFileSync(file, text)
  const refusal = expect.objectContaining({ code: 'file-unreadable', remedy: expect.stringContaining('remove') })
  expect(() => readToken(file)).toThrow(refusal)
  expect(() => loadToken(file)).toThrow(refusal)
})

it('a FIFO or a folder in the place of the token is refused, and not waited for', () => {
  spawnSync('mkfifo', [file])
  expect(() => readToken(file)).toThrow(expect.objectContaining({ code: 'file-unreadable' }))
  rmSync(file)
  mkdirSync(file)
  expect(() => readToken(file)).toThrow(expect.objectContaining({ code: 'file-unreadable' }))
})
