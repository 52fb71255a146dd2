import { spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, expect, it } from 'vitest'
import { lockFolder } from './folderLock.ts'
import { temporaryFolder } from '../temporaryFolder.fixture.ts'

let folder: string
beforeEach(() => {
  folder = temporaryFolder()
})

it.each<[string, (file: string) => unknown]>([
  ['a folder', mkdirSync],
  ['a FIFO', file => spawnSync('mkfifo', [file])],
])('%s in the place of the lock is told', (_name, make) => {
  make(join(folder, 'lock'))
  expect(() => lockFolder(folder)).toThrow(expect.objectContaining({ code: 'folder-unusable' }))
})
