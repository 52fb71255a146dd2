import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { clusterText } from './clusterText.ts'
import { type Desk, openDesk, slipwayCommand } from './command.ts'
import { until } from '../until.ts'

/** Commands that are their own server: what ends them ends the run for now, and must leave nothing behind. */
let desk: Desk
beforeEach(async () => {
  desk = await openDesk({ machines: 'folders', environment: { CI: undefined } })
  await writeFile(join(desk.folder, 'cluster.yaml'), clusterText({ name: 'demo', servers: ['m1'], workers: [] }))
})
afterEach(async () => desk[Symbol.asyncDispose]())

const held = () => join(desk.world, 'm1', 'hold')
async function holdM1(): Promise<void> {
  await mkdir(join(desk.world, 'm1'), { recursive: true })
  await writeFile(held(), '')
}
const runs = async () => JSON.parse((await desk.slipway(['runs', 'demo', '-o', 'json'])).stdout)

it.each(['closed', 'SIGTERM'] as const)('a question ends with its terminal (%s), in good order', async how => {
  const terminal = desk.onTerminal(['apply', '-f', 'cluster.yaml'])
  await until('it asks', () => terminal.shown().includes('Do this?'))
  const pid = terminal.pid()
  if (how === 'closed') terminal.hangUp()
  else process.kill(pid, how)
  await until('the command has ended', () => !existsSync(`/proc/${pid}`))
  expect(existsSync(join(desk.home, 'server.json'))).toBe(false)
  expect(await desk.memoryFolders()).toEqual([])
})

it('a terminal that is closed stops the run in good order, to be resumed', async () => {
  await holdM1()
  const terminal = desk.onTerminal(['apply', '-f', 'cluster.yaml'])
  await until('it asks', () => terminal.shown().includes('Do this?'))
  const pid = terminal.pid()
  terminal.press('y\r')
  await until('m1 is worked on', () => terminal.shown().includes('working on m1'))
  terminal.hangUp()
  await until('the command has ended', () => !existsSync(`/proc/${pid}`))
  expect(await desk.memoryFolders()).toEqual([])
  expect(existsSync(join(desk.home, 'server.json'))).toBe(false)
  await rm(held())
  const [run] = await runs()
  expect(await desk.slipway(['resume', run.id])).toMatchObject({ code: 0 })
  expect(await runs()).toMatchObject([{ status: 'completed' }])
})

it('what nohup started goes on when its terminal is closed', async () => {
  const real = await openDesk()
  const child = spawn('nohup', [slipwayCommand, 'serve', '--port', '0', '-o', 'json'], {
    env: real.environment,
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const [line] = await once(child.stdout, 'data')
  child.kill('SIGHUP')
  const { status } = await fetch(new URL('/healthz', JSON.parse(String(line)).url))
  expect(status).toBe(200)
  child.kill('SIGTERM')
  expect(await once(child, 'close')).toEqual([0, null])
  await real[Symbol.asyncDispose]()
})

it('a command that starts a server for itself says nothing but its result', async () => {
  const real = await openDesk()
  const ended = await real.slipway(['status'])
  expect(ended).toMatchObject({ code: 0, stderr: '' })
  await real[Symbol.asyncDispose]()
})
