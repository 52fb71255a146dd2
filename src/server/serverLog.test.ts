import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, expect, it } from 'vitest'

import { createRedactor } from '../secrets/redact.ts'
import { openServerLog } from './serverLog.ts'
import { temporaryFolder } from '../temporaryFolder.fixture.ts'

let folder: string
let file: string
beforeEach(() => {
  folder = temporaryFolder()
  file = join(folder, 'server.log')
})

const open = () => openServerLog({ to: 'file', file }, createRedactor())

it('a folder in the place of the log is told before the server starts', () => {
  mkdirSync(file)
  expect(open).toThrow(expect.objectContaining({ code: 'folder-unusable' }))
})

it('a FIFO in the place of the log is told, and not waited for', () => {
  spawnSync('mkfifo', [file])
  expect(open).toThrow(expect.objectContaining({ code: 'folder-unusable' }))
})

it('a log that cannot be written any more does not stop its server', () => {
  const log = open()
  log.info('first')
  expect(readFileSync(file, 'utf8')).toContain('first')
  rmSync(file)
  mkdirSync(file)
  expect(() => log.info('second')).not.toThrow()
})
