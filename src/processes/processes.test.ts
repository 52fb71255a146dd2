import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as after } from 'node:timers/promises'
import { describe, expect, it, vi } from 'vitest'
import { childrenWith, endChildren } from './endChildren.ts'
import { attemptVariable, markerEnvironment, newWorkerName } from './environment.ts'
import { createLimiter } from './limiter.ts'
import { runProcess } from './run.ts'

const worker = newWorkerName()
let attempts = 0
const newAttempt = () => `${worker}-${(attempts += 1)}`
describe('endChildren', () => {
  it('finds grandchildren that called setsid and lost their parents, and ends the stubborn ones', async () => {
    const attempt = newAttempt()
    const other = newAttempt()
    const stubborn = `trap '' TERM; setsid sh -c "trap '' TERM; while :; do sleep 1; done" & sleep 100 & exit 0`
    await runProcess('setsid', ['sh', '-c', stubborn], { environment: markerEnvironment({ worker, attempt }) })
    await runProcess('sh', ['-c', 'setsid sleep 100 &'], { environment: markerEnvironment({ worker, attempt: other }) })
    const found = childrenWith(`${attemptVariable}=${attempt}`)
    expect(found.length).toBeGreaterThanOrEqual(2)
    expect(found.some(one => parentOf(one.pid) === 1 || parentOf(one.pid) !== process.pid)).toBe(true)
    expect(await endChildren({ attempt }, 200)).toBeGreaterThanOrEqual(found.length)
    expect(childrenWith(`${attemptVariable}=${attempt}`)).toEqual([])
    expect(childrenWith(`${attemptVariable}=${other}`)).toHaveLength(1)
    expect(await endChildren({ worker })).toBe(1)
  })

  it.each([
    ['has its time', undefined, 'asked, and ended its child'],
    ['is ended at once where there is none', 0, 'begun'],
  ])('one that ends its own children in good order %s', async (_how, patience, expected) => {
    const attempt = newAttempt()
    const folder = await mkdtemp(join(tmpdir(), 'slipway-order-'))
    const word = join(folder, 'word')
    // What it has started is asked by nobody but itself.
    const child = `process.on('SIGINT', () => process.exit(7)); setInterval(() => {}, 1000)`
    const orderly = `
      const child = require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(child)}])
      const write = text => require('node:fs').writeFileSync(process.argv[1], text)
      process.on('SIGINT', () => { child.once('exit', (_, signal) => {
        write(signal === 'SIGKILL' ? 'asked, and ended its child' : 'asked beside its child'); process.exit(0)
      }); setTimeout(() => child.kill('SIGKILL'), 100) })
      write('begun')`
    const environment = markerEnvironment({ worker, attempt })
    const running = runProcess(process.execPath, ['-e', orderly, word], { environment, endsBy: 'SIGINT' })
    await vi.waitFor(() => expect(readFileSync(word, 'utf8')).toBe('begun'), 10_000)
    expect(await endChildren({ attempt }, 200, patience)).toBeGreaterThanOrEqual(1)
    await running
    expect(readFileSync(word, 'utf8')).toBe(expected)
    expect(childrenWith(`${attemptVariable}=${attempt}`)).toEqual([])
    await rm(folder, { recursive: true })
  })

  it('returns 0 when there is nothing', async () => {
    expect(await endChildren({ attempt: 'never-was' })).toBe(0)
  })

  it('does not take an attempt whose name only begins the same', async () => {
    const attempt = newAttempt()
    await runProcess('sh', ['-c', 'setsid sleep 100 &'], {
      environment: markerEnvironment({ worker, attempt: `${attempt}0` }),
    })
    expect(await endChildren({ attempt })).toBe(0)
    expect(await endChildren({ attempt: `${attempt}0` })).toBe(1)
  })
})

describe('createLimiter', () => {
  it('lets so many run at once, in the order of asking', async () => {
    const limiter = createLimiter(2)
    const order: number[] = []
    let running = 0
    let highest = 0
    await Promise.all(
      [1, 2, 3, 4, 5].map(number =>
        limiter.run(async () => {
          order.push(number)
          running += 1
          highest = Math.max(highest, running)
          await after(5)
          running -= 1
        }),
      ),
    )
    expect(order).toEqual([1, 2, 3, 4, 5])
    expect(highest).toBe(2)
  })

  it('gives up waiting when it is cancelled, and the place of a failed task is free again', async () => {
    const limiter = createLimiter(1)
    const held = Promise.withResolvers<void>()
    const first = limiter.run(() => held.promise)
    const stop = new AbortController()
    const second = limiter.run(() => Promise.resolve(), stop.signal)
    stop.abort(new Error('cancelled'))
    await expect(second).rejects.toThrow('cancelled')
    held.resolve()
    await first
    await expect(limiter.run(() => Promise.reject(new Error('failed')))).rejects.toThrow('failed')
    expect(await limiter.run(() => Promise.resolve('free'))).toBe('free')
  })
})

const parentOf = (pid: number) =>
  Number(
    readFileSync(`/proc/${pid}/stat`, 'latin1')
      .replace(/^.*\) /, '')
      .split(' ')[1],
  )
