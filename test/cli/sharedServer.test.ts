import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
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

  it('that only looks leaves a run alone whose server was killed, and ends though somebody follows that run', async () => {
    const place = (name: string) => join(desk.world, name)
    await Promise.all(['m1', 'w1'].map(host => mkdir(place(host))))
    await writeFile(place('m1/hold'), '')
    const server = await desk.serve()
    const applying = desk.start(['apply', '-f', 'cluster.yaml', '--yes'])
    applying.stdout.resume()
    let told = ''
    applying.stderr.on('data', (data: Buffer) => (told += data.toString()))
    const applied = once(applying, 'close')
    await until('m1 is worked on', () => told.includes('working on m1'))
    await server.kill()
    await until('apply has lost its server', () => told.includes('The server was lost'))
    await rm(place('m1/hold'))

    await writeFile(place('w1/hold-look'), '')
    const planning = desk.start(['plan', '-f', 'cluster.yaml'])
    planning.stdout.resume()
    planning.stderr.resume()
    const planned = once(planning, 'close')
    await until('w1 is looked at', () => existsSync(place('w1/hold-look-seen')))
    const note = z.object({ url: z.string() }).parse(JSON.parse(await readFile(join(desk.home, 'server.json'), 'utf8')))
    const authorization = `Bearer ${(await readFile(join(desk.home, 'token'), 'utf8')).trim()}`
    const [run] = z
      .object({ items: z.array(z.object({ id: z.string() })) })
      .parse(
        await (await fetch(new URL('/api/v1/clusters/demo/runs', note.url), { headers: { authorization } })).json(),
      ).items
    const following = await fetch(new URL(`/api/v1/runs/${run?.id}/events`, note.url), { headers: { authorization } })
    expect(following.status).toBe(200)
    await rm(place('w1/hold-look'))
    expect((await planned)[0]).toBe(0)
    expect(existsSync(place('m1/version'))).toBe(false)

    const next = await desk.serve()
    expect(await applied).toEqual([0, null])
    expect(existsSync(place('m1/version'))).toBe(true)
    await next.stop()
  })
})
