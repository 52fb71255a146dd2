import { fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as after } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import type { SlipwayError } from '../domain/errors.ts'
import { childrenWith, endChildren } from './endChildren.ts'
import { attemptVariable, markerEnvironment, newWorkerName, workerVariable } from './environment.ts'
import { createLauncher } from './launcher.ts'
import { createLimiter } from './limiter.ts'
import { type ProcessOptions, runProcess } from './run.ts'

const worker = newWorkerName()
const environment = markerEnvironment({ worker })
let attempts = 0
const newAttempt = () => `${worker}-${(attempts += 1)}`
const launcher = createLauncher(environment)
afterAll(() => launcher.close())

async function until(condition: () => boolean, limit = 5000): Promise<void> {
  const deadline = performance.now() + limit
  while (!condition()) {
    if (performance.now() > deadline) throw new Error('the condition did not come true')
    await after(10)
  }
}

describe.each([
  ['runProcess', runProcess],
  ['a launcher', launcher.run],
])('%s', (_, run) => {
  const sh = (script: string, options: Partial<Omit<ProcessOptions, 'onFd3'>> = {}) =>
    run('sh', ['-c', script], { environment, ...options })

  it('gives the exit code and both outputs', async () => {
    const result = await sh('echo out; echo err >&2; exit 3')
    expect(result).toMatchObject({ end: 'exited', exitCode: 3, stdout: 'out\n', stderr: 'err\n' })
  })

  it('feeds stdin, whole or piece by piece', async () => {
    expect((await sh('cat', { stdin: 'input' })).stdout).toBe('input')
    const pieces = await sh('cat', {
      stdin: pipe => {
        pipe.write('one ')
        pipe.end(Buffer.from('two'))
      },
    })
    expect(pieces.stdout).toBe('one two')
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
    const result = await run('env', [], { environment: markerEnvironment({ worker, attempt: 'a1' }) })
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
    const result = await run('sh', ['-c', "(trap '' TERM; exec sleep 100) & sleep 100"], {
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
    const result = await run('sh', ['-c', 'setsid sleep 100 & echo done'], {
      environment: markerEnvironment({ worker, attempt }),
    })
    expect(result.stdout).toBe('done\n')
    expect(result.duration).toBeLessThan(5000)
    expect(await endChildren({ attempt })).toBe(1)
  })

  it('says that a program is missing', async () => {
    const missing = run('no-such-program-here', [], { environment })
    await expect(missing).rejects.toMatchObject({ code: 'tool-missing' } satisfies Partial<SlipwayError>)
  })

  it('ends the child when a reader of its output fails, and says so when it has ended', async () => {
    const attempt = newAttempt()
    const failing = run('sh', ['-c', "trap 'sleep 0.3; exit' TERM; echo x; sleep 100 & wait"], {
      environment: markerEnvironment({ worker, attempt }),
      onStdout: () => Promise.reject(new Error('the log is full')),
    })
    await expect(failing).rejects.toThrow('the log is full')
    expect(childrenWith(`${attemptVariable}=${attempt}`)).toEqual([])
  })

  it('keeps text that is cut inside a letter whole', async () => {
    const result = await sh("printf '\\303'; sleep 0.1; printf '\\244'")
    expect(result.stdout).toBe('ä')
  })
})

it('runProcess reads a third descriptor', async () => {
  let events = ''
  await runProcess('sh', ['-c', 'echo event >&3'], { environment, onFd3: text => void (events += text) })
  expect(events).toBe('event\n')
})

it('leaves no timer behind when a callback fails', async () => {
  const timers = () => process.getActiveResourcesInfo().filter(name => name === 'Timeout').length
  const before = timers()
  const failing = runProcess('sh', ['-c', 'echo x; exec sleep 100'], {
    environment,
    timeout: 60_000,
    onStdout: () => Promise.reject(new Error('the log is full')),
  })
  await expect(failing).rejects.toThrow('the log is full')
  expect(timers()).toBeLessThanOrEqual(before)
})

it('ends the child when its input cannot be written', async () => {
  const attempt = newAttempt()
  const failing = runProcess('sleep', ['100'], {
    environment: markerEnvironment({ worker, attempt }),
    stdin: () => {
      throw new Error('nothing to write')
    },
  })
  await expect(failing).rejects.toThrow('nothing to write')
  expect(childrenWith(`${attemptVariable}=${attempt}`)).toEqual([])
})

it('tells a machine that has no place for a process from a tool that is missing', async () => {
  const script = fileURLToPath(new URL('./exhausted.fixture.ts', import.meta.url))
  const { stdout } = await runProcess('bash', ['-c', 'ulimit -n 60; exec "$0" "$1"', process.execPath, script], {
    environment,
  })
  expect(stdout).toBe('machine-exhausted\n')
})

describe('a launcher', () => {
  const launched = (name: string) => childrenWith(`${workerVariable}=${name}`)

  it('fails what it has started when its process is killed, and starts another one', async () => {
    const name = newWorkerName()
    const own = createLauncher(markerEnvironment({ worker: name }))
    const attempt = newAttempt()
    const begun = Promise.withResolvers<void>()
    const running = own.run('sh', ['-c', 'echo begun; exec sleep 100'], {
      environment: markerEnvironment({ worker: 'another', attempt }),
      onStdout: () => begun.resolve(),
    })
    await begun.promise
    const [process_] = launched(name)
    process.kill(process_?.pid ?? 0, 'SIGKILL')
    await expect(running).rejects.toMatchObject({ code: 'internal' } satisfies Partial<SlipwayError>)
    expect(await own.run('sh', ['-c', 'echo again'], { environment })).toMatchObject({ stdout: 'again\n' })
    await own.close()
    expect(launched(name)).toEqual([])
    expect(await endChildren({ attempt })).toBe(1)
  })

  it('ends what still runs when it is closed', async () => {
    const own = createLauncher(environment)
    const attempt = newAttempt()
    const begun = Promise.withResolvers<void>()
    const running = own.run('sh', ['-c', 'echo begun; exec sleep 100'], {
      environment: markerEnvironment({ worker, attempt }),
      onStdout: () => begun.resolve(),
    })
    await begun.promise
    await own.close()
    expect(await running).toMatchObject({ end: 'cancelled' })
    expect(childrenWith(`${attemptVariable}=${attempt}`)).toEqual([])
  })

  it('ends with a parent that is killed, and so does what it has started', async () => {
    const name = newWorkerName()
    const attempt = newAttempt()
    const parent = fork(new URL('./launching.fixture.ts', import.meta.url), [name, attempt], { execArgv: [] })
    await once(parent, 'message')
    expect(launched(name).length).toBeGreaterThan(0)
    parent.kill('SIGKILL')
    await until(() => launched(name).length === 0 && childrenWith(`${attemptVariable}=${attempt}`).length === 0)
  })
})
