import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { told } from './hostPython.ts'

/** What a server tells of its snapshots, on this machine over folders that a test makes up. */

const now = Math.floor(Date.now() / 1000)

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'slipway-snapshots-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const look = (path = folder, module = 'slipway.rke2.snapshots'): unknown => told(module, { folder: path, deadline: 5 })
/** A file of so many seconds ago. */
function place(name: string, age: number, content = 'etcd'): void {
  writeFileSync(join(folder, name), content)
  utimesSync(join(folder, name), now - age, now - age)
}

it('is the newest file by its time, whatever its name, and how many there are', () => {
  place('etcd-snapshot-m1-9', 7200, 'an older one')
  place('on-demand-m1-1', 60)
  place('etcd-snapshot-m1-5.zip', 3600)
  expect(look()).toEqual({
    folder_state: 'present',
    newest: { name: 'on-demand-m1-1', size: 4, modified: now - 60, age_s: expect.closeTo(60, -1) },
    count: 3,
  })
})

it('is nothing that is empty, unfinished, hidden, a folder, or a link to nowhere', () => {
  place('etcd-snapshot-m1-1', 0, '')
  place('etcd-snapshot-m1-2.part', 0)
  place('etcd-snapshot-m1-3.tmp', 0)
  place('.etcd-snapshot-m1-4', 0)
  mkdirSync(join(folder, 'etcd-snapshot-m1-5'))
  symlinkSync('/nowhere', join(folder, 'etcd-snapshot-m1-6'))
  expect(look()).toEqual({ folder_state: 'present', newest: null, count: 0 })
})

it('tells a folder that is gone from one that cannot be read', () => {
  place('file', 0)
  expect(look(join(folder, 'none'))).toEqual({ folder_state: 'missing', newest: null, count: 0 })
  expect(look(join(folder, 'file'))).toEqual({ folder_state: 'unreadable', newest: null, count: 0 })
})

it('is of no negative age where a clock was set back, and survives a name that is no UTF-8', () => {
  execFileSync('python3', ['-c', 'import os,sys; open(os.fsencode(sys.argv[1]) + b"/\\xff", "w").write("x")', folder])
  expect(look()).toMatchObject({ newest: { name: '\ufffd' }, count: 1 })
  place('etcd-snapshot-m1-1', -1000)
  expect(look()).toMatchObject({ newest: { name: 'etcd-snapshot-m1-1', age_s: 0 }, count: 2 })
})

it('need a folder: what stands in its way is told, wherever on its path, and nothing is made', () => {
  const at = (path: string) => join(folder, path)
  const ask = (path: string) => look(at(path), 'slipway.folder')
  place('file', 0)
  symlinkSync('/nowhere', at('link'))
  mkdirSync(at('here'))
  symlinkSync('here', at('alias'))
  for (const path of ['here', 'alias']) expect(ask(path)).toEqual({ state: 'usable', at: at(path) })
  expect(ask('alias/a/b')).toEqual({ state: 'usable', at: at('alias') })
  for (const path of ['file', 'file/a', 'file/a/b']) expect(ask(path)).toEqual({ state: 'no-folder', at: at('file') })
  for (const path of ['link', 'link/a']) expect(ask(path)).toEqual({ state: 'dangling', at: at('link') })
  expect(readdirSync(folder).toSorted()).toEqual(['alias', 'file', 'here', 'link'])
})
