import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as after } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { askAnsible } from '../../src/machines/fragments/judge.ts'
import { listed } from '../../src/machines/fragments/machines.fixture.ts'
import { writeInventories } from '../../src/machines/fragments/write.ts'

/** Fifty writers at once, in five processes, of which one is killed now and then; `make soak` has three hundred rounds of it. */

const rounds = process.env['SLIPWAY_SOAK'] === '1' ? 300 : 3
const processes = 5
const writersEach = 10
const always = 'always'
const root = mkdtempSync(join(tmpdir(), 'slipway-writers-'))
const world = mkdtempSync(join(root, 'world-'))
const folder = join(root, 'ansible')
const children = new Set<ChildProcess>()
beforeAll(async () => {
  writeFileSync(join(world, always), '')
  await writeInventories(folder, { machines: async () => [listed(always)], read: askAnsible })
})
afterAll(() => {
  for (const child of children) child.kill('SIGKILL')
  rmSync(root, { recursive: true })
})

async function start(program: string, ...args: readonly string[]): Promise<ChildProcess> {
  const child = fork(join(import.meta.dirname, program), args, { execArgv: [] })
  children.add(child)
  child.once('exit', () => children.delete(child))
  await once(child, 'message')
  return child
}

/** What it says next; null: it has ended. */
const answerOf = (child: ChildProcess): Promise<unknown> =>
  new Promise(resolve => {
    const answered = (said: unknown) => settle(said)
    const ended = () => settle(null)
    const settle = (said: unknown) => {
      child.off('message', answered).off('exit', ended)
      resolve(said)
    }
    child.on('message', answered).on('exit', ended)
  })

const hostsIn = (text: string) => [...text.matchAll(/^(\S+) ansible_host=/gm)].map(([, name = '']) => name)

it('no entry is lost, blank or doubled, and whoever reads sees a whole inventory at any moment', async () => {
  const reader = await start('inventoryReader.ts', folder, always)
  const writers = await Promise.all(Array.from({ length: processes }, () => start('inventoryWriter.ts')))
  for (let round = 0; round < rounds; round++) {
    const killed = round % 3 === 2 ? Math.floor(Math.random() * processes) : -1
    await Promise.all(
      writers.map(async (writer, at) => {
        const names = Array.from({ length: writersEach }, (_, index) => `w${at}-${index}`)
        const go = names.filter(() => Math.random() < 0.5)
        const answer = answerOf(writer)
        writer.send({ world, folder, come: names.filter(name => !go.includes(name)), go })
        if (at !== killed) return expect(await answer, `round ${round}`).toBe('done')
        await after(Math.random() * 200)
        writer.kill('SIGKILL')
        await answer
        writers[at] = await start('inventoryWriter.ts')
      }),
    )
    // Who was killed may have put something on record and not into the inventory: the next to write does that.
    if (killed >= 0) await writeInventories(folder, { machines, read: askAnsible })
    const wanted = readdirSync(world).toSorted()
    expect(hostsIn(readFileSync(join(folder, 'inventory.ini'), 'utf8')), `round ${round}`).toEqual(wanted)
    const fragments = readdirSync(join(folder, 'inventory.d')).toSorted()
    expect(fragments, `round ${round}`).toEqual(wanted.map(name => `${name}.ini`))
  }
  const told = once(reader, 'message')
  reader.send('tell')
  const [seen] = await told
  expect(seen).toEqual({ reads: expect.any(Number), faults: [] })
  expect(seen.reads).toBeGreaterThan(rounds)
  const { hosts } = await askAnsible(readFileSync(join(folder, 'inventory.ini'), 'utf8'))
  expect([...hosts.keys()].toSorted()).toEqual(readdirSync(world).toSorted())
}, 1_800_000)

const machines = async () => readdirSync(world).map(name => listed(name))
