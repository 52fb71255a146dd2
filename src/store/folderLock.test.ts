import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { lockFolder } from './folderLock.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'slipway-lock-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

it.each<[string, (file: string) => unknown]>([
  ['a folder', mkdirSync],
  ['a FIFO', file => spawnSync('mkfifo', [file])],
])('%s in the place of the lock is told', (_name, make) => {
  make(join(folder, 'lock'))
  expect(() => lockFolder(folder)).toThrow(expect.objectContaining({ code: 'folder-unusable' }))
})
