import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { HostAccess } from '../../src/hosts/access.ts'
import { raiseFence } from '../../src/hosts/fence.ts'
import { removeFence } from '../../src/hosts/removeFence.ts'
import type { FenceMark } from '../../src/hosts/fenceMark.ts'
import { runFenced } from './fencedRun.ts'
import { observe } from '../../src/distributions/rke2/host/observe.ts'
import { bootLab, type LabHosts } from './labHosts.ts'
import { openWorkbench, type Workbench } from './workbench.ts'

const scope = { installation: 'our-installation', cluster: 'demo' }
const mark = (number: number, epoch = 1): FenceMark => ({ scope, fence: { epoch, number } })
const gently = { takeover: false, wait: 5000 }

let lab: LabHosts
let bench: Workbench
let hosts: HostAccess

beforeAll(async () => {
  lab = await bootLab('hosts-fence', 1)
})
afterAll(() => lab.down())
beforeEach(async () => {
  bench = await openWorkbench()
  hosts = await bench.open([lab.target('h1', { user: lab.sudoUser, sudo: true, sudoPassword: lab.sudoPassword })])
  await lab.exec('h1', 'rm -rf /var/lib/slipway /tmp/module-*')
})
afterEach(async () => {
  expect(await bench.close()).toBe(0)
})

const raise = (wanted: FenceMark, options: Partial<Parameters<typeof raiseFence>[3]> = {}) =>
  raiseFence(hosts, 'h1', wanted, { ...gently, ...options })
const recorded = async () => (await observe(hosts, 'h1', { hmacKey: Buffer.from('key') })).fence

/** A module that runs until it is let go. */
const untilGo = 'until [ -e /tmp/module-go ]; do sleep 0.1; done'

/** Starts a command under the fence and waits until it runs. */
async function startModule(wanted: FenceMark, line: string): Promise<{ ended: Promise<unknown> }> {
  const started = Promise.withResolvers<void>()
  const ended = runFenced(hosts, 'h1', wanted, { command: `echo started; ${line}`, onStdout: () => started.resolve() })
  ended.catch(() => {})
  await Promise.race([started.promise, ended])
  return { ended }
}

describe('a fence on a host', () => {
  it('lets its own worker act and refuses an older one', async () => {
    await raise(mark(7))
    expect((await runFenced(hosts, 'h1', mark(7), { command: 'id -u' })).stdout).toBe('0\n')
    await raise(mark(8))
    expect(await recorded()).toEqual({ epoch: 1, number: 8, ...scope })
    const old = runFenced(hosts, 'h1', mark(7), { command: 'touch /tmp/module-old' })
    await expect(old).rejects.toMatchObject({
      code: 'fence-refused',
      message: 'h1: the host is at fence 1.8, this worker has 1.7',
    })
    expect(await lab.exec('h1', 'ls /tmp')).not.toContain('module-old')
  })

  it('never goes back, and the epoch counts before the number', async () => {
    await raise(mark(9))
    await expect(raise(mark(8))).rejects.toMatchObject({ code: 'fence-refused' })
    await raise(mark(1, 2))
    await expect(raise(mark(100, 1))).rejects.toMatchObject({ code: 'fence-refused' })
    expect(await recorded()).toMatchObject({ epoch: 2, number: 1 })
  })

  it('raised by many at the same moment ends at the greatest', async () => {
    const outcomes = await Promise.allSettled([3, 1, 4, 2].map(number => raise(mark(number))))
    expect(outcomes[2]?.status).toBe('fulfilled')
    expect(await recorded()).toMatchObject({ number: 4 })
  })

  it('refuses another installation and another cluster, unless it is forced', async () => {
    await raise(mark(1))
    const other = { scope: { installation: 'their-installation', cluster: 'demo' }, fence: { epoch: 9, number: 9 } }
    await expect(raise(other)).rejects.toMatchObject({
      code: 'guard-refused',
      facts: { installation: 'our-installation' },
    })
    const cluster = { scope: { ...scope, cluster: 'second' }, fence: { epoch: 9, number: 9 } }
    await expect(raise(cluster)).rejects.toMatchObject({ code: 'guard-refused', facts: { cluster: 'demo' } })
    await expect(runFenced(hosts, 'h1', other, { command: 'true' })).rejects.toMatchObject({ code: 'fence-refused' })
    expect(await recorded()).toMatchObject({ number: 1, ...scope })
    await raise(other, { force: true })
    expect(await recorded()).toMatchObject({ installation: 'their-installation', epoch: 9 })
  })

  it('whose record is damaged is not taken for none', async () => {
    await raise(mark(1))
    await lab.exec('h1', 'echo rubbish > /var/lib/slipway/fence')
    await expect(raise(mark(2))).rejects.toMatchObject({ code: 'guard-refused' })
    await expect(runFenced(hosts, 'h1', mark(1), { command: 'true' })).rejects.toMatchObject({ code: 'fence-refused' })
  })

  it('is taken away by its own worker only', async () => {
    await raise(mark(2))
    await expect(removeFence(hosts, 'h1', mark(1))).rejects.toMatchObject({ code: 'fence-refused' })
    await removeFence(hosts, 'h1', mark(2))
    expect(await recorded()).toBeNull()
  })
})

describe('a takeover', () => {
  it('waits for a module that is running', async () => {
    await raise(mark(1))
    const old = await startModule(mark(1), 'sleep 4; touch /tmp/module-done')
    await raise(mark(2), { takeover: true, wait: 30_000 })
    expect(await lab.exec('h1', 'ls /tmp/module-done')).toContain('module-done')
    await old.ended
  })

  it('ends a module that goes on beyond the wait, with all that it has started', async () => {
    await raise(mark(1))
    // Of many that each have a next step none may come to it, in whatever order they are ended.
    const steps = '(sleep 4712; touch /tmp/module-done) & '.repeat(40)
    const old = await startModule(mark(1), `trap '' TERM; sleep 4711 & ${steps} wait; touch /tmp/module-done`)
    await lab.exec('h1', 'until [ "$(pgrep -c -f "^sleep 471[12]")" = 41 ]; do sleep 0.1; done')
    const { ended } = await raise(mark(2), { takeover: true, wait: 200 })
    expect(ended).toBeGreaterThanOrEqual(82)
    await old.ended.catch(() => {})
    expect(await lab.exec('h1', 'pgrep -f "sleep 471[12]" || echo none; ls /tmp')).toMatch(/^none\n(?!.*module-done)/s)
  })

  it('does not end anything without being asked, and says what runs', async () => {
    await raise(mark(1))
    const old = await startModule(mark(1), untilGo)
    const held = { code: 'guard-refused', message: expect.stringContaining('/tmp/module-go') }
    await expect(raise(mark(2), { wait: 100 })).rejects.toMatchObject(held)
    // The fence stands now, but whoever raises it again still waits for what is older.
    await expect(raise(mark(2), { wait: 100 })).rejects.toMatchObject(held)
    await expect(runFenced(hosts, 'h1', mark(1), { command: 'true' })).rejects.toMatchObject({ code: 'fence-refused' })
    await lab.exec('h1', 'touch /tmp/module-go')
    await raise(mark(2))
    await old.ended
  })

  it('leaves a process alone that did not come through our wrapper', async () => {
    await raise(mark(1))
    await lab.exec(
      'h1',
      'setsid flock -s /var/lib/slipway/lock sleep 4713 >/dev/null 2>&1 & until pgrep -f "^sleep 4713"; do sleep 0.1; done',
    )
    await expect(raise(mark(2), { takeover: true, wait: 100 })).rejects.toMatchObject({ code: 'guard-refused' })
    expect(await lab.exec('h1', 'pgrep -c -f "^sleep 4713"; pkill -f 4713')).toBe('1')
    await raise(mark(2))
  })

  it('does not wait for the modules of its own fence', async () => {
    await raise(mark(1))
    const own = await startModule(mark(1), `${untilGo}; touch /tmp/module-done`)
    await raise(mark(1), { takeover: true })
    await lab.exec('h1', 'touch /tmp/module-go')
    await own.ended
    expect(await lab.exec('h1', 'ls /tmp/module-done')).toContain('module-done')
  })
})
