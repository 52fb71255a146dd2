import { readFileSync } from 'node:fs'
import { setTimeout as after } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { SlipwayError } from '../domain/errors.ts'
import { childrenWith, endChildren } from './endChildren.ts'
import { attemptVariable, markerEnvironment, newWorkerName } from './environment.ts'
import { createLimiter } from './limiter.ts'
import { runProcess } from './run.ts'

const worker = newWorkerName()
const environment = markerEnvironment({ worker })
let attempts = 0
const newAttempt = () => `${worker}-${(attempts += 1)}`
const sh = (script: string, options: Partial<Parameters<typeof runProcess>[2]> = {}) =>
  runProcess('sh', ['-c', script], { environment, ...options })

async function until(condition: () => boolean, limit = 5000): Promise<void> {
  const deadline = performance.now() + limit
  while (!condition()) {
    if (performance.now() > deadline) throw new Error('the condition did not come true')
    await after(10)
  }
}

describe('runProcess', () => {
  it('gives the exit code and both outputs', async () => {
    const result = await sh('echo out; echo err >&2; exit 3')
    expect(result).toMatchObject({ end: 'exited', exitCode: 3, stdout: 'out\n', stderr: 'err\n' })
  })

  it('feeds stdin and reads a third descriptor', async () => {
    let events = ''
    const result = await sh('cat; echo event >&3', {
      stdin: 'input',
      onFd3: text => {
        events += text
      },
    })
    expect(result.stdout).toBe('input')
    expect(events).toBe('event\n')
  })

  it('gives a slow reader all of the output, also long after the child has ended', async () => {
    let received = 0
    await sh('head -c 300000 /dev/zero | tr "\\0" x', {
      onStdout: async text => {
        await after(300)
        received += text.length
      },
    })
    expect(received).toBe(300_000)
  })

  it('lets a child that closes its input early end by its own exit code', async () => {
    const result = await sh('exec <&-; exit 4', { stdin: 'x'.repeat(1_000_000) })
    expect(result.exitCode).toBe(4)
  })

  it('hands the marker and a short environment down, and none of our own variables', async () => {
    process.env['DATABASE_URL'] = 'postgres://canary'
    const result = await runProcess('env', [], { environment: markerEnvironment({ worker, attempt: 'a1' }) })
    delete process.env['DATABASE_URL']
    expect(result.stdout).toContain(`SLIPWAY_WORKER=${worker}\n`)
    expect(result.stdout).toContain('SLIPWAY_ATTEMPT=a1\n')
    expect(result.stdout).not.toContain('canary')
  })

  it('keeps the end of a long output, or ends the child at the limit', async () => {
    const tail = await sh('seq 1 5000', { maxOutput: 100 })
    expect(tail.stdout).toHaveLength(100)
    expect(tail.stdout.endsWith('5000\n')).toBe(true)
    const stopped = await sh('yes', { maxOutput: 1000, overflow: 'stop' })
    expect(stopped).toMatchObject({ end: 'overflow' })
    expect(stopped.stdout).toHaveLength(1000)
  })

  it('ends the whole group at its timeout, also one that ignores SIGTERM', async () => {
    const attempt = newAttempt()
    const result = await runProcess('sh', ['-c', "(trap '' TERM; exec sleep 100) & sleep 100"], {
      environment: markerEnvironment({ worker, attempt }),
      timeout: 100,
    })
    expect(result).toMatchObject({ end: 'timeout', exitCode: null })
    await until(() => childrenWith(`${attemptVariable}=${attempt}`).length === 0)
  })

  it('ends the child when it is cancelled, and starts none when it is cancelled already', async () => {
    const stop = new AbortController()
    const running = sh('echo started; sleep 100', { signal: stop.signal, onStdout: () => stop.abort() })
    expect(await running).toMatchObject({ end: 'cancelled', stdout: 'started\n' })
    expect(await sh('echo never', { signal: stop.signal })).toMatchObject({ end: 'cancelled', stdout: '' })
    const limiter = createLimiter(1)
    const late = new AbortController()
    const [, waited] = await Promise.all([
      sh('echo first', { limiter, onStdout: () => late.abort() }),
      sh('echo never', { limiter, signal: late.signal }),
    ])
    expect(waited).toMatchObject({ end: 'cancelled', stdout: '' })
  })

  it('does not wait for a grandchild that keeps the output open', async () => {
    const attempt = newAttempt()
    const result = await runProcess('sh', ['-c', 'setsid sleep 100 & echo done'], {
      environment: markerEnvironment({ worker, attempt }),
    })
    expect(result.stdout).toBe('done\n')
    expect(result.duration).toBeLessThan(5000)
    expect(await endChildren({ attempt })).toBe(1)
  })

  it('says that a program is missing', async () => {
    const missing = runProcess('no-such-program-here', [], { environment })
    await expect(missing).rejects.toMatchObject({ code: 'tool-missing' } satisfies Partial<SlipwayError>)
  })

  it('ends the child when a reader of its output fails', async () => {
    const attempt = newAttempt()
    const failing = runProcess('sh', ['-c', 'echo x; exec sleep 100'], {
      environment: markerEnvironment({ worker, attempt }),
      onStdout: () => Promise.reject(new Error('the log is full')),
    })
    await expect(failing).rejects.toThrow('the log is full')
    await until(() => childrenWith(`${attemptVariable}=${attempt}`).length === 0)
  })

  it('keeps text that is cut inside a letter whole', async () => {
    const result = await sh("printf '\\303'; sleep 0.1; printf '\\244'")
    expect(result.stdout).toBe('ä')
  })
})

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
    let highest = 0
    await Promise.all(
      [1, 2, 3, 4, 5].map(number =>
        limiter.run(async () => {
          order.push(number)
          highest = Math.max(highest, limiter.running)
          await after(5)
        }),
      ),
    )
    expect(order).toEqual([1, 2, 3, 4, 5])
    expect(highest).toBe(2)
    expect(limiter.running).toBe(0)
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
