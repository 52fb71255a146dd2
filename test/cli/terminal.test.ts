import { existsSync } from 'node:fs'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { clusterText } from './clusterText.ts'
import type { RunningServer } from '../listening.ts'
import { type Desk, openDesk, type Terminal } from './command.ts'
import { until } from '../until.ts'

let desk: Desk
let server: RunningServer
let count = 0
let [demo, m1, w1] = ['', '', '']

beforeAll(async () => {
  desk = await openDesk({ machines: 'folders', environment: { NO_COLOR: undefined, CI: undefined } })
  server = await desk.serve()
})
afterAll(async () => {
  await server.stop()
  await desk[Symbol.asyncDispose]()
})
beforeEach(async () => {
  count += 1
  demo = `demo${count}`
  m1 = `m1-${count}`
  w1 = `w1-${count}`
  await writeFile(
    join(desk.folder, 'cluster.yaml'),
    clusterText({ name: demo, servers: [m1], workers: [w1], net: count }),
  )
})

async function hold(hostname: string): Promise<() => Promise<void>> {
  const folder = join(desk.world, hostname)
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'hold'), '')
  return () => rm(join(folder, 'hold'))
}
const status = async () => Object(JSON.parse((await desk.slipway(['runs', demo, '-o', 'json'])).stdout))[0]?.status
/** An apply that asks for its plan's approval. */
async function asked(): Promise<Terminal> {
  const terminal = desk.onTerminal(['apply', '-f', 'cluster.yaml'])
  await until('it asks', () => terminal.shown().includes('Do this?'))
  return terminal
}
/** One that was approved, and works on m1. */
async function working(): Promise<Terminal> {
  const terminal = await asked()
  terminal.press('y\r')
  await until('m1 is worked on', () => terminal.shown().includes(`working on ${m1}`))
  return terminal
}
/** One that Ctrl-C was pressed at while it works. */
async function askedByCtrlC(): Promise<Terminal> {
  const terminal = await working()
  terminal.press('\u0003')
  await until('it asks again', () => terminal.shown().includes('d: detach'))
  return terminal
}

it('apply shows the plan, asks, and shows the run as a tree with hosts and the log’s tail', async () => {
  const letGo = await hold(m1)
  const terminal = await asked()
  expect(terminal.shown()).toContain('install v1.34.1+rke2r1')
  expect(existsSync(join(desk.world, 'executed'))).toBe(false)
  terminal.press('y\r')
  await until('the log’s tail is shown', () => terminal.shown().includes(`${m1} says line 3`))
  expect(terminal.shown()).toMatch(new RegExp(`[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏] Install ${m1}`))
  expect(terminal.shown()).toContain(`${m1}: working on ${m1}`)
  await letGo()
  expect(await terminal.ended).toBe(0)
  expect(terminal.shown()).toContain('✔ Keep the kubeconfig')
  expect(terminal.shown()).toContain('\u001b[32m')
})

it('a terminal that cannot take lines back gets one line after the other', async () => {
  const terminal = desk.onTerminal(['apply', '-f', 'cluster.yaml'], 'dumb')
  await until('it asks', () => terminal.shown().includes('Do this?'))
  terminal.press('y\r')
  expect(await terminal.ended).toBe(0)
  const run = terminal.shown().slice(terminal.shown().indexOf('Do this?'))
  expect(run).toContain(`working on ${m1}`)
  expect(run).not.toMatch(/\u001b\[\d*[AJK]/)
})

it('anything but yes is no: 5, and nothing is done', async () => {
  for (const answer of ['n\r', '\r', 'maybe\r']) {
    const terminal = await asked()
    terminal.press(answer)
    expect(await terminal.ended).toBe(5)
  }
  expect((await desk.slipway(['status', demo])).code).toBe(2)
})

it('Ctrl-C at the question ends with 130, and nothing is done', async () => {
  const terminal = await asked()
  terminal.press('\u0003')
  expect(await terminal.ended).toBe(130)
  expect((await desk.slipway(['status', demo])).code).toBe(2)
})

it('Ctrl-C asks: d detaches, and the run goes on', async () => {
  const letGo = await hold(m1)
  const terminal = await askedByCtrlC()
  terminal.press('d')
  expect(await terminal.ended).toBe(130)
  expect(terminal.shown()).toContain('The server goes on with it: slipway logs -f')
  await letGo()
  await until('the run is completed', async () => (await status()) === 'completed')
})

it('Ctrl-C asks: any other key goes on', async () => {
  const letGo = await hold(m1)
  const terminal = await askedByCtrlC()
  terminal.press('x')
  await letGo()
  expect(await terminal.ended).toBe(0)
})

it('a second Ctrl-C cancels the run: 7', async () => {
  await hold(m1)
  const terminal = await askedByCtrlC()
  terminal.press('\u0003')
  expect(await terminal.ended).toBe(7)
  expect(await status()).toBe('cancelled')
})

it('a run that ends while the question of Ctrl-C is open ends the command', async () => {
  const letGo = await hold(m1)
  const terminal = await askedByCtrlC()
  await letGo()
  expect(await terminal.ended).toBe(0)
  expect(terminal.shown().slice(terminal.shown().lastIndexOf('d: detach'))).toContain('✔ Keep the kubeconfig')
})

it('Ctrl-C asks again after somebody chose to go on', async () => {
  await hold(m1)
  const terminal = await working()
  for (let times = 1; times <= 2; times += 1) {
    terminal.press('\u0003')
    await until(`it asks ${times} times`, () => terminal.shown().split('d: detach').length === times + 1)
    const before = terminal.shown().length
    terminal.press('x')
    await until('the picture is back', () => terminal.shown().slice(before).includes('Keep the kubeconfig'))
  }
  terminal.press('\u0003')
  await until('it asks the last time', () => terminal.shown().split('d: detach').length === 4)
  terminal.press('c')
  expect(await terminal.ended).toBe(7)
})

it('Ctrl-D at the question ends with 130 and says that nothing was changed', async () => {
  const terminal = await asked()
  terminal.press('\u0004')
  expect(await terminal.ended).toBe(130)
  expect(terminal.shown()).toContain('Interrupted; nothing was changed.')
})

it('a terminal that is closed leaves the run to the server', async () => {
  const letGo = await hold(m1)
  const terminal = await asked()
  const pid = terminal.pid()
  terminal.press('y\r')
  await until('m1 is worked on', () => terminal.shown().includes(`working on ${m1}`))
  terminal.hangUp()
  await until('the command has ended', () => !existsSync(`/proc/${pid}`))
  expect(await status()).toBe('running')
  await letGo()
  await until('the run is completed', async () => (await status()) === 'completed')
})

it('init asks until the answers fit, and writes a file that is valid', async () => {
  const terminal = desk.onTerminal(['init', '-f', 'asked.yaml'])
  const answer = async (question: string, text: string) => {
    await until(`it asks for ${question}`, () => terminal.shown().includes(question))
    terminal.press(`${text}\r`)
  }
  await answer('Name of the cluster', 'Not A Name')
  await until('it says what is wrong', () => terminal.shown().includes('a name has lower-case letters'))
  terminal.press('my-cluster\r')
  await answer('RKE2 version', '')
  await answer('Login on the machines', 'ops')
  await answer('Private SSH key', 'agent')
  await answer('Addresses of the servers', '10.1.0.1, 10.1.0.2 10.1.0.3')
  await answer('Addresses of the workers', '')
  expect(await terminal.ended).toBe(0)
  const text = await readFile(join(desk.folder, 'asked.yaml'), 'utf8')
  expect(text).toContain('name: my-cluster')
  expect(text).toContain('- { hostname: m3, internal_ip: 10.1.0.3, role: master }')
  expect(await desk.slipway(['validate', '-f', 'asked.yaml'])).toMatchObject({ code: 0 })
})
