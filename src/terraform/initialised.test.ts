import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { beforeEach, expect, it } from 'vitest'
import { temporaryFolder } from '../temporaryFolder.fixture.ts'
import type { Answer } from './answer.ts'
import { type Initialised, initialisedModules } from './initialised.ts'

const signal = new AbortController().signal
const answer = (exitCode: number | null): Answer => ({
  exitCode,
  stdout: '',
  stderr: exitCode === 0 ? '' : 'no way out',
})

let directory: string
let mirror: string
let initialised: Initialised
/** Folders in which init was done. */
let done: string[]
beforeEach(async () => {
  directory = temporaryFolder()
  mirror = join(directory, 'mirror')
  await mkdir(mirror)
  await writeFile(join(mirror, 'plugin'), 'first')
  initialised = initialisedModules(directory)
  done = []
})

/** As OpenTofu: a link to what is unpacked already, and a file of what was fetched. */
async function init(folder: string): Promise<Answer> {
  done.push(folder)
  await turn()
  const plugins = join(folder, '.data/providers/registry.example/lab')
  await mkdir(join(plugins, 'fetched'), { recursive: true })
  await writeFile(join(plugins, 'fetched/plugin'), 'fetched')
  await symlink(mirror, join(plugins, 'unpacked'))
  await writeFile(join(folder, '.terraform.lock.hcl'), 'lock')
  return answer(0)
}

const opened = async (name: string): Promise<string> => {
  await mkdir(join(directory, name))
  return join(directory, name)
}
const into = async (name: string, own = init, conditions: string | null = 'same', of = signal): Promise<Answer> => {
  const folder = await opened(name)
  return initialised.into({ folder, conditions, signal: of }, () => own(folder))
}
const pluginsOf = async (name: string) => {
  const plugins = join(directory, name, '.data/providers/registry.example/lab')
  return Promise.all(['fetched', 'unpacked'].map(kind => readFile(join(plugins, kind, 'plugin'), 'utf8')))
}

it('is done once for all that ask for the same, at once and later, and each can do without the others', async () => {
  const names = ['a', 'b', 'c']
  await Promise.all(names.map(name => into(name)))
  await into('d')
  expect(done).toHaveLength(1)
  for (const name of [...names, 'd']) {
    expect(await pluginsOf(name)).toEqual(['fetched', 'first'])
    expect(await readFile(join(directory, name, '.terraform.lock.hcl'), 'utf8')).toBe('lock')
  }
  for (const name of await readdir(directory))
    if (!['d', 'mirror'].includes(name)) await rm(join(directory, name), { recursive: true })
  expect(await pluginsOf('d')).toEqual(['fetched', 'first'])
})

it('is done for each where it has to be, and for other conditions', async () => {
  await Promise.all([into('a', init, null), into('b', init, null), into('c'), into('d', init, 'others')])
  expect(done).toHaveLength(4)
})

it('what failed fails for those who waited, and is tried again by those who ask later', async () => {
  const folders = await Promise.all(['a', 'b'].map(opened))
  const fail = async (folder: string) => {
    done.push(folder)
    await turn()
    return answer(1)
  }
  // The second one asks before the first one's can have ended.
  const both = folders.map(folder => initialised.into({ folder, conditions: 'same', signal }, () => fail(folder)))
  expect(await Promise.all(both)).toEqual([answer(1), answer(1)])
  expect(done).toHaveLength(1)
  expect(await into('c')).toEqual(answer(0))
  expect(done).toHaveLength(2)
})

it.each(['cancelled', 'killed'])('one that was %s is in nobody else’s way', async how => {
  const begun = Promise.withResolvers<void>()
  const goesOn = Promise.withResolvers<void>()
  const first = into('a', async () => {
    begun.resolve()
    await goesOn.promise
    if (how === 'cancelled') throw new Error('cancelled')
    return answer(null)
  }).catch((error: unknown) => String(error))
  await begun.promise
  const others = ['b', 'c'].map(name => into(name))
  goesOn.resolve()
  expect(await first).toEqual(how === 'cancelled' ? 'Error: cancelled' : answer(null))
  expect(await Promise.all(others)).toEqual([answer(0), answer(0)])
  expect(done).toHaveLength(1)
})

it('who is stopped while another one does it does not wait for that', async () => {
  const goesOn = Promise.withResolvers<void>()
  const first = into('a', async folder => {
    await goesOn.promise
    return init(folder)
  })
  const stop = new AbortController()
  const second = into('b', init, 'same', stop.signal)
  await turn()
  stop.abort(new Error('not wanted any more'))
  await expect(second).rejects.toThrow('not wanted any more')
  expect(existsSync(join(directory, 'b/.data'))).toBe(false)
  goesOn.resolve()
  expect(await first).toEqual(answer(0))
})

it('a plugin that was put in the place of another is not the one that was locked: it is done anew, and the old one goes', async () => {
  await into('a')
  await rm(join(mirror, 'plugin'))
  await writeFile(join(mirror, 'plugin'), 'second')
  await Promise.all(['b', 'c'].map(name => into(name)))
  expect(done).toHaveLength(2)
  expect(await pluginsOf('c')).toEqual(['fetched', 'second'])
  expect((await readdir(directory)).filter(name => name.startsWith('initialised-'))).toHaveLength(1)
})
