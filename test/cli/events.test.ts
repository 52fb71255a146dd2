import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type PlacedEvent, placedEventShape } from '../../src/contract/events.ts'
import { until } from '../until.ts'
import { clusterText } from './clusterText.ts'
import { type Desk, openDesk } from './command.ts'

let desk: Desk
beforeEach(async () => {
  desk = await openDesk({ machines: 'folders' })
})
afterEach(() => desk[Symbol.asyncDispose]())

/** Applies a cluster of one server and one agent. */
async function apply(name: string, net: number) {
  const file = `${name}.yaml`
  const text = clusterText({ name, net, servers: [`m${net}`], workers: [`w${net}`] })
  await writeFile(join(desk.folder, file), text)
  return desk.slipway(['apply', '-f', file, '--yes'])
}
const parsed = (lines: string): PlacedEvent[] =>
  lines
    .trimEnd()
    .split('\n')
    .filter(line => line !== '')
    .map(line => placedEventShape.parse(JSON.parse(line)))
const events = async (...args: readonly string[]) => {
  const ended = await desk.slipway(['events', ...args, '-o', 'json'])
  expect(ended).toMatchObject({ code: 0, stderr: '' })
  return parsed(ended.stdout)
}

it('shows what happened in all clusters or in one, by type, from any of them on', async () => {
  expect((await apply('one', 1)).code).toBe(0)
  await mkdir(join(desk.world, 'm2'), { recursive: true })
  await writeFile(join(desk.world, 'm2', 'fail'), '')
  expect((await apply('two', 2)).code).toBe(4)

  const all = await events('--all')
  expect(new Set(all.map(({ subject }) => subject.name))).toEqual(new Set(['one', 'two']))
  expect(await events()).toEqual(all)
  expect(await events('two')).toEqual(all.filter(({ subject }) => subject.name === 'two'))
  expect(await events('--newest', '3')).toEqual(all.slice(-3))
  expect(await events('--after', all.at(4)?.position ?? '')).toEqual(all.slice(5))
  const failed = await events('--type', 'stage-failed', '--type', 'run-failed')
  expect(failed.map(({ type }) => type)).toEqual(['stage-failed', 'run-failed'])

  const text = await desk.slipway(['events', '--all'])
  expect(text.stderr).toBe('')
  const lines = text.stdout.trimEnd().split('\n')
  expect(lines).toHaveLength(all.length)
  const run = failed[0]?.run ?? ''
  expect(text.stdout).toMatch(
    new RegExp(`^\\S+Z  two  ${run}  test/machine:m2  stage-failed  m2 failed as it was told$`, 'm'),
  )
  expect(text.stdout).toMatch(/^\S+Z {2}one {2}\w+ {2}run-queued {2}.* \(plan [0-9a-f]{12}, approved by \S+\)$/m)
  expect(text.stdout).toMatch(/ {2}one {2}\w+ {2}test\/machine:w1 {2}w1 {2}host-result {2}installed$/m)

  // What needed the failed stage is blocked, and says so wherever it is shown.
  expect(text.stdout).toMatch(new RegExp(`  two  ${run}  \\S+  stage-blocked  needs test/machine:m2`))
  const stages = (await desk.slipway(['runs', 'two', run])).stdout
  expect(stages).toMatch(/ blocked /)
  expect(stages).not.toMatch(/ waiting /)
})

it('--follow tells what happens as it happens, over a server that is started again', async () => {
  const server = await desk.serve()
  expect((await apply('one', 1)).code).toBe(0)
  const before = await events('--all')
  const following = desk.start(['events', '--follow', '--newest', '2', '-o', 'json'])
  const followed = once(following, 'close')
  let seen = ''
  following.stdout.on('data', (data: Buffer) => (seen += data.toString()))
  const ended = () => parsed(seen.slice(0, seen.lastIndexOf('\n') + 1)).filter(({ type }) => type === 'run-completed')
  await until('the newest are shown', () => ended().length === 1)
  expect((await apply('two', 2)).code).toBe(0)
  await until('the second run is shown', () => ended().length === 2)
  await server.kill()
  const second = await desk.serve()
  expect((await apply('three', 3)).code).toBe(0)
  await until('the third run is shown', () => ended().length === 3)
  following.kill('SIGINT')
  expect(await followed).toEqual([130, null])
  expect(parsed(seen)).toEqual((await events('--all')).slice(before.length - 2))
  await second.stop()
})

it('keeps no server that was started for another command', async () => {
  await mkdir(join(desk.world, 'm1'), { recursive: true })
  await writeFile(join(desk.world, 'm1', 'hold'), '')
  await writeFile(join(desk.folder, 'cluster.yaml'), clusterText())
  const applying = desk.start(['apply', '-f', 'cluster.yaml', '--yes'])
  const applied = once(applying, 'close')
  let seen = ''
  await until('m1 is worked on', () => existsSync(join(desk.world, 'executed')))
  const following = desk.start(['events', '--follow'])
  const followed = once(following, 'close')
  following.stdout.on('data', (data: Buffer) => (seen += data.toString()))
  await until('it is followed', () => seen.includes('working on m1'))
  await rm(join(desk.world, 'm1', 'hold'))
  expect(await applied).toEqual([0, null])
  following.kill('SIGINT')
  expect(await followed).toEqual([130, null])
})

it.each([
  [['--type', 'nonsense'], /It is none of run-queued/],
  [['--newest', '1001'], /A number from 0 to 1000/],
  [['--newest', 'x'], /A number from 0 to 1000/],
  [['--after', '7'], /A position is needed/],
  [['--after', '1-7', '--all'], /cannot be used with/],
  [['nowhere'], /nowhere/],
])('refuses what cannot be meant: %j', async (args, message) => {
  const ended = await desk.slipway(['events', ...args])
  expect(ended.code).toBe(2)
  expect(ended.stderr).toMatch(message)
})
