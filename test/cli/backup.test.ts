import { copyFile, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { serverKind } from '../store/databases.ts'
import { clusterText } from './clusterText.ts'
import { type Desk, openDesk } from './command.ts'

/** `slipway db backup`, `restore` and `copy`, as they are typed. */
const kind = serverKind()
let desk: Desk
/** Another machine: a data folder of its own. */
let other: Desk
let file: string
beforeAll(async () => {
  desk = await openDesk({ machines: 'folders' })
  other = await openDesk({ machines: 'folders' })
  file = join(desk.folder, 'slipway.backup')
  await mkdir(join(desk.world, 'm1'), { recursive: true })
  await writeFile(join(desk.folder, 'cluster.yaml'), clusterText({ name: 'demo', servers: ['m1'], workers: [] }))
  expect(await desk.slipway(['apply', '-f', 'cluster.yaml', '--yes'])).toMatchObject({ code: 0 })
})
afterAll(async () => {
  await Promise.all([desk[Symbol.asyncDispose](), other[Symbol.asyncDispose]()])
})
/** What is on record of the cluster; its machines are looked at as well, and they lie in another folder on each. */
const recordOf = async (at: Desk) => {
  const { drift: _drift, ...record } = z.record(z.string(), z.unknown()).parse(JSON.parse(await status(at, 'demo')))
  return record
}
const status = async (at: Desk, ...more: string[]) => (await at.slipway(['status', ...more, '-o', 'json'])).stdout

describe('a backup', () => {
  it('is written while the server works, for its owner alone, and says what is not in it', async () => {
    const server = await desk.serve()
    const { code, stderr } = await desk.slipway(['db', 'backup', 'slipway.backup'])
    expect(code, stderr).toBe(0)
    expect(stderr).toMatch(/slipway\.backup: \d+ kB, \d+ rows, as of /)
    expect(stderr).toContain(`keep a copy of ${join(desk.home, 'sealing-key')} elsewhere`)
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    await server.stop()
  })

  it('is not written over, and what cannot be written leaves nothing', async () => {
    const before = await readFile(file)
    const again = await desk.slipway(['db', 'backup', 'slipway.backup'])
    expect(again.code).toBe(2)
    expect(again.stderr).toContain('is there already')
    expect(await readFile(file)).toEqual(before)
    await writeFile(join(desk.folder, 'mine.partial'), 'precious')
    const both = await Promise.all([1, 2].map(() => desk.slipway(['db', 'backup', 'mine'])))
    expect(both.map(({ code }) => code).toSorted()).toEqual([0, 2])
    expect(await readFile(join(desk.folder, 'mine.partial'), 'utf8')).toBe('precious')
    const full = await desk.slipway(['db', 'backup', '/dev/full/b'])
    expect(full).toMatchObject({ code: 2, stderr: expect.stringContaining('/dev/full/b cannot be written') })
    const nowhere = await desk.slipway(['db', 'backup', 'no/such/folder/b'])
    expect(nowhere.code).toBe(2)
    expect(nowhere.stderr).toContain('no/such/folder/b')
    expect((await readdir(desk.folder)).filter(name => name.includes('partial'))).toEqual(['mine.partial'])
  })

  it('goes to standard output', async () => {
    const { stdout, code } = await desk.shell('"$@" db backup - | gzip -dc | head -c 20')
    expect({ stdout, code }).toEqual({ stdout: '{"slipway-backup":1,', code: 0 })
  })
})

describe('it is restored on another machine', () => {
  it('not while that one works, nor from what is no backup', async () => {
    const server = await other.serve()
    const busy = await other.slipway(['db', 'restore', file])
    expect(busy).toMatchObject({ code: 6, stderr: expect.stringContaining('folder-in-use') })
    await server.stop()
    for (const [name, reason] of [
      ['none', 'there is no such file'],
      ['.', 'it is a folder'],
      [join(desk.folder, 'cluster.yaml'), 'it is no backup of Slipway'],
    ] as const) {
      const refused = await other.slipway(['db', 'restore', name])
      expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining(reason) })
    }
  })

  it('with the key of the installation only', async () => {
    const own = await other.slipway(['db', 'restore', file])
    expect(own).toMatchObject({ code: 2, stderr: expect.stringContaining('sealing-key-differs') })
    expect(own.stderr).toContain('Put the file sealing-key of the installation in the place of')
    await copyFile(join(desk.home, 'sealing-key'), join(other.home, 'sealing-key'))
    const restored = await other.slipway(['db', 'restore', file])
    expect(restored.code, restored.stderr).toBe(0)
    expect(restored.stderr).toMatch(/Restored: \d+ rows, as of /)
    expect(await status(other)).toBe(await status(desk))
    expect(await recordOf(other)).toEqual(await recordOf(desk))
    const twice = await other.slipway(['db', 'restore', file])
    expect(twice).toMatchObject({ code: 5, stderr: expect.stringContaining('database-not-empty') })
  })

  it('and without that it is told, and no server starts', async () => {
    await using third = await openDesk({ machines: 'folders' })
    const restored = await third.slipway(['db', 'restore', file])
    expect(restored.code, restored.stderr).toBe(0)
    expect(restored.stderr).toContain(`to ${join(third.home, 'sealing-key')}, mode 0600`)
    expect(await third.slipway(['status'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('sealing-key-differs'),
    })
    await copyFile(join(desk.home, 'sealing-key'), join(third.home, 'sealing-key'))
    expect(await status(third)).toBe(await status(desk))
  })
})

describe('a copy', () => {
  it('moves to a server and back', async () => {
    const database = await kind.create()
    const url = 'url' in database.location ? database.location.url : ''
    const there = await desk.slipway(['db', 'copy', '--to', url])
    expect(there.code, there.stderr).toBe(0)
    expect(there.stderr).toContain('DATABASE_URL')
    expect((await desk.shell(`DATABASE_URL='${url}' "$@" status -o json`)).stdout).toBe(await status(desk))
    await using home = await openDesk({ machines: 'folders' })
    await mkdir(home.home, { recursive: true })
    await copyFile(join(desk.home, 'sealing-key'), join(home.home, 'sealing-key'))
    const back = await home.slipway(['db', 'copy', '--from', url])
    expect(back.code, back.stderr).toBe(0)
    expect(await status(home)).toBe(await status(desk))
    const over = await desk.slipway(['db', 'copy', '--from', url])
    expect(over).toMatchObject({ code: 5, stderr: expect.stringContaining('database-not-empty') })
    await database.remove()
  })

  it('of a database that holds no Slipway is refused, and makes nothing in it', async () => {
    const database = await kind.create()
    const url = 'url' in database.location ? database.location.url : ''
    for (let tries = 0; tries < 2; tries++)
      expect(await desk.slipway(['db', 'copy', '--from', url])).toMatchObject({
        code: 2,
        stderr: expect.stringContaining('the database of the URL holds no Slipway'),
      })
    await database.remove()
  })

  it('needs a direction and a database that answers', async () => {
    for (const args of [[], ['--to', 'postgresql://x@127.0.0.1:1/x', '--from', 'postgresql://x@127.0.0.1:1/x']])
      expect(await desk.slipway(['db', 'copy', ...args])).toMatchObject({
        code: 2,
        stderr: expect.stringContaining('--to URL or --from URL'),
      })
    expect(await desk.slipway(['db', 'copy', '--to', 'postgresql://x:hunter2@127.0.0.1:1/x'])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^(?!.*hunter2)[^]*database-unavailable/),
    })
  })
})
