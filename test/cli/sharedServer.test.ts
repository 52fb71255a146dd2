import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { until } from '../until.ts'
import { clusterText } from './clusterText.ts'
import { type Desk, openDesk } from './command.ts'

let desk: Desk
beforeEach(async () => {
  desk = await openDesk({ machines: 'folders' })
  await writeFile(join(desk.folder, 'cluster.yaml'), clusterText())
})
afterEach(() => desk[Symbol.asyncDispose]())

describe('the server of one command', () => {
  it('is shared by those that start together', async () => {
    const status = () => desk.slipway(['status', '-o', 'json'])
    const [one, other, third] = await Promise.all([
      desk.slipway(['apply', '-f', 'cluster.yaml', '--yes']),
      status(),
      status(),
    ])
    expect(one.code, one.stderr).toBe(0)
    for (const { code, stderr } of [other, third]) expect(code, stderr).toBe(0)
  })

  it('goes on for a command that has found it and is between two requests', async () => {
    const hold = join(desk.world, 'm1', 'hold-look')
    await mkdir(dirname(hold))
    await writeFile(hold, '')
    const planning = desk.start(['plan', '-f', 'cluster.yaml'])
    const planned = once(planning, 'close')
    const told = new Promise<string>(resolve => {
      planning.stderr.on('data', (data: Buffer) => {
        if (data.includes('Other commands use this process')) resolve('goes on')
      })
    })
    await until('m1 is looked at', () => existsSync(`${hold}-seen`))
    const { url } = JSON.parse(await readFile(join(desk.home, 'server.json'), 'utf8'))
    const asks = () =>
      fetch(new URL('/healthz', url)).then(
        ({ status }) => status,
        () => 'gone',
      )
    expect(await asks()).toBe(200)
    await rm(hold)
    expect(await Promise.race([told, planned.then(() => 'has ended')])).toBe('goes on')
    expect(await planned).toEqual([0, null])
    expect(await asks()).toBe('gone')
  })
})
