import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { clusterText, type ClusterTextOptions } from './clusterText.ts'
import type { RunningServer } from '../listening.ts'
import { type Desk, openDesk } from './command.ts'

/** One server for all; every test has a cluster and machines of its own. */
let desk: Desk
let server: RunningServer
let count = 0
let demo = ''
let m1 = ''
let w1 = ''

beforeAll(async () => {
  desk = await openDesk({ machines: 'folders' })
  server = await desk.serve()
})
afterAll(async () => {
  await server.stop()
  await desk[Symbol.asyncDispose]()
})
beforeEach(() => {
  count += 1
  demo = `demo${count}`
  m1 = `m1-${count}`
  w1 = `w1-${count}`
})

const write = (options: ClusterTextOptions = {}, more = '') =>
  writeFile(
    join(desk.folder, 'cluster.yaml'),
    clusterText({ name: demo, servers: [m1], workers: [w1], net: count, ...options }) + more,
  )

async function tell(hostname: string, what: string, text = ''): Promise<void> {
  await mkdir(join(desk.world, hostname), { recursive: true })
  await writeFile(join(desk.world, hostname, what), text)
}
/** Machines of this test that were worked on, each time it was. */
const executed = () =>
  readFile(join(desk.world, 'executed'), 'utf8').then(
    text =>
      text
        .split('\n')
        .filter(line => line.endsWith(`-${count}`))
        .toSorted(),
    () => [],
  )
const json = async (...args: readonly string[]): Promise<unknown> => {
  const { stdout } = await desk.slipway([...args, '-o', 'json'])
  return JSON.parse(stdout)
}
const apply = (...args: readonly string[]) => desk.slipway(['apply', '-f', 'cluster.yaml', ...args])
const isUnknown = async () => (await desk.slipway(['status', demo])).code === 2

describe('plan', () => {
  it('says what would be done and stores nothing', async () => {
    await write()
    const ended = await desk.slipway(['plan', '-f', 'cluster.yaml'])
    expect(ended.code).toBe(0)
    expect(ended.stdout).toContain(`+ install v1.34.1+rke2r1  ${m1}`)
    expect(await executed()).toEqual([])
    expect(await isUnknown()).toBe(true)
  })

  it('has the same hash as often as it is made, and another one for another wish', async () => {
    await write()
    const hash = async () => Object(await json('plan', '-f', 'cluster.yaml'))['hash']
    const first = await hash()
    expect(first).toMatch(/^[0-9a-f]{64}$/)
    expect(await hash()).toBe(first)
    await write({ version: 'v1.34.2+rke2r1' })
    expect(await hash()).not.toBe(first)
  })

  it('ends with 3 for --detailed-exitcode where something is to be done', async () => {
    await write()
    expect(await desk.slipway(['plan', '-f', 'cluster.yaml', '--detailed-exitcode'])).toMatchObject({ code: 3 })
    expect(await apply('--yes')).toMatchObject({ code: 0 })
    const unchanged = await desk.slipway(['plan', demo, '--detailed-exitcode'])
    expect(unchanged).toMatchObject({ code: 0, stdout: `${demo}: nothing to do\n` })
  })

  it('wants a file or a cluster, not both and not neither', async () => {
    expect(await desk.slipway(['plan'])).toMatchObject({ code: 2 })
    expect(await desk.slipway(['plan', demo, '-f', 'x.yaml'])).toMatchObject({ code: 2 })
    expect(await desk.slipway(['plan', demo])).toMatchObject({ code: 2 })
  })
})

describe('apply', () => {
  it('makes the cluster, reports its nodes, and does nothing the second time', async () => {
    await write()
    const first = await apply('--yes')
    expect(first).toMatchObject({ code: 0, stdout: '' })
    expect(first.stderr).toContain('completed')
    expect(await executed()).toEqual([m1, w1])
    expect(await json('nodes', demo)).toMatchObject([
      {
        hostname: m1,
        internal_ip: `10.0.${count}.11`,
        ansible_ip: `10.0.${count}.11`,
        role: 'initial_master',
        status: 'active',
      },
      { hostname: w1, role: 'worker', status: 'active', installed_version: 'v1.34.1+rke2r1', health: null },
    ])
    const second = await apply('--yes')
    expect(second).toMatchObject({ code: 0, stdout: `${demo}: nothing to do\n`, stderr: '' })
    expect(await json('runs', demo)).toMatchObject([{ status: 'completed', subject: { kind: 'cluster', name: demo } }])
  })

  it('without a terminal needs --yes or a hash, and ends with 5 and the hash otherwise', async () => {
    await write()
    const refused = await apply()
    expect(refused.code).toBe(5)
    const hash = /--approve ([0-9a-f]{12})/.exec(refused.stderr)?.[1] ?? ''
    expect(await isUnknown()).toBe(true)
    expect(await apply('--approve', '0123456789ab')).toMatchObject({ code: 5 })
    expect(await executed()).toEqual([])
    expect(await apply('--approve', hash)).toMatchObject({ code: 0 })
  })

  it('refuses an approved hash when the world has changed since', async () => {
    await write()
    const { stderr } = await apply()
    const hash = /--approve ([0-9a-f]{12})/.exec(stderr)?.[1] ?? ''
    await tell(m1, 'version', 'v1.33.0+rke2r1')
    const refused = await apply('--approve', hash)
    expect(refused.code).toBe(5)
    expect(refused.stderr).toContain('plan-changed')
    expect(await executed()).toEqual([])
  })

  it('stores nothing of an invalid file', async () => {
    await write({ servers: [], workers: [m1] }, '    - { hostname: x, internal_ip: 10.9.9.9, rol: worker }\n')
    expect(await apply('--yes')).toMatchObject({ code: 2, stdout: '' })
    expect(await isUnknown()).toBe(true)
  })

  it('shows all findings of the preflight in one go, ends with 5, and changes nothing', async () => {
    await write()
    await tell(m1, 'finding', 'the disk is full')
    await tell(w1, 'finding', 'the disk is full as well')
    const refused = await apply('--yes')
    expect(refused.code).toBe(5)
    expect(refused.stderr).toContain(`node ${m1}: the disk is full\n`)
    expect(refused.stderr).toContain(`node ${w1}: the disk is full as well\n`)
    expect(await executed()).toEqual([])
    expect(await isUnknown()).toBe(true)
  })

  it('wants warnings accepted by name, those of the file among them', async () => {
    await write({ servers: [m1, `m2-${count}`] })
    await tell(w1, 'warning', 'swap is on')
    const refused = await apply('--yes')
    expect(refused.code).toBe(5)
    expect(refused.stderr).toContain('(even-servers)')
    expect(refused.stderr).toContain('(swap-on)')
    expect(await apply('--yes', '--accept', 'even-servers')).toMatchObject({ code: 5 })
    expect(await apply('--yes', '--accept', 'even-servers', '--accept', 'swap-on')).toMatchObject({ code: 0 })
  })

  it('refuses an address that another cluster has, and stores nothing', async () => {
    await write()
    expect(await apply('--yes')).toMatchObject({ code: 0 })
    await write({ name: `other${count}`, servers: ['x1'], workers: [] })
    const refused = await apply('--yes')
    expect(refused.code).toBe(2)
    expect(refused.stderr).toContain(`10.0.${count}.11 is the address of node ${m1} in cluster ${demo}`)
    expect(await desk.slipway(['status', `other${count}`])).toMatchObject({ code: 2 })
  })

  it('ends with 4 when the run fails, shows cause and log, and resume finishes it', async () => {
    await write()
    await tell(w1, 'fail')
    const failed = await apply('--yes')
    expect(failed.code).toBe(4)
    expect(failed.stderr).toContain(`${w1} failed as it was told`)
    expect(failed.stderr).toContain(`${w1} says line 3`)
    expect(failed.stderr).toContain(`■ not done: Keep the kubeconfig (needs test/machine:${w1})\n`)
    expect(await json('nodes', demo)).toMatchObject([{ status: 'active' }, { status: 'failed' }])
    const run = /slipway resume (\w+)/.exec(failed.stderr)?.[1] ?? ''
    await rm(join(desk.world, w1, 'fail'))
    expect(await desk.slipway(['resume', run])).toMatchObject({ code: 0 })
    expect(await executed()).toEqual([m1, w1, w1])
    expect(await json('nodes', demo)).toMatchObject([{ status: 'active' }, { status: 'active' }])
    expect(await desk.slipway(['resume', run])).toMatchObject({ code: 2 })
  })

  it('stores a wish that changes nothing on the machines', async () => {
    await write()
    await apply('--yes')
    await write({}, '  preflight: { min_cpus: 1 }\n')
    expect(await apply()).toMatchObject({ code: 0, stdout: `${demo}: nothing to do\n` })
    expect(await json('status', demo)).toMatchObject({ spec: { preflight: { min_cpus: 1 } }, desired_version: 2 })
  })

  it('stores an accepted host key when nothing else is to be done', async () => {
    await write()
    await apply('--yes')
    await writeFile(join(desk.world, `${demo}.key`), Buffer.from('the new key').toString('base64'))
    const stores = async () => json('plan', '-f', 'cluster.yaml')
    expect(await stores()).toMatchObject({ stores: true, has_changes: false })
    expect(await apply()).toMatchObject({ code: 0, stdout: `${demo}: nothing to do\n` })
    expect(await stores()).toMatchObject({ stores: false, has_changes: false })
  })

  it('gives its result as data', async () => {
    await write()
    expect(await json('apply', '-f', 'cluster.yaml', '--yes')).toMatchObject({
      cluster: demo,
      status: 'completed',
      has_changes: true,
    })
    expect(await json('apply', '-f', 'cluster.yaml')).toMatchObject({ run: null, status: null, has_changes: false })
  })
})

describe('what is known of a cluster', () => {
  it('is shown by logs, runs, kubeconfig and inventory', async () => {
    await write()
    await apply('--yes')
    const logs = await desk.slipway(['logs', demo])
    const blocks = [m1, w1].map(
      host => `── test/machine:${host}\n${[1, 2, 3].map(line => `${host} says line ${line}\n`).join('')}`,
    )
    expect([blocks.join(''), blocks.toReversed().join('')]).toContain(logs.stdout)
    expect(logs.stderr).toBe('')
    const data = (await desk.slipway(['logs', demo, '-o', 'json'])).stdout.trimEnd().split('\n')
    expect(data.map(line => Object(JSON.parse(line)).text).join('')).toBe(logs.stdout.replace(/^── .*\n/gm, ''))
    expect((await desk.slipway(['logs', demo, '--stage', `machine:${w1}`])).stdout).not.toContain(m1)
    expect((await desk.slipway(['logs', demo, '--host', m1])).stdout).not.toContain(w1)
    expect(await desk.slipway(['logs', demo, '--stage', 'nothing'])).toMatchObject({ code: 2, stdout: '' })
    const [run] = Object(await json('runs', demo))
    expect(await json('runs', demo, run.id)).toMatchObject({
      stages: [{ status: 'completed' }, { status: 'completed' }, { key: 'test/finish' }],
    })
    expect(await desk.slipway(['kubeconfig', demo])).toMatchObject({ stdout: `kind: Config # of ${demo}\n` })
    const inventory = await desk.slipway(['inventory', 'script', demo, '--list'])
    expect(JSON.parse(inventory.stdout)).toMatchObject({ workers: { hosts: [w1] } })
    expect(await desk.slipway(['inventory', 'export', demo, '--format', 'ini', '--output', 'hosts.ini'])).toMatchObject(
      {
        code: 0,
        stdout: '',
      },
    )
    expect(await readFile(join(desk.folder, 'hosts.ini'), 'utf8')).toContain(`[workers]\n${w1} `)
    const again = (...more: string[]) =>
      desk.slipway(['inventory', 'export', demo, '--output', 'hosts.ini', '--format', 'json', ...more])
    const refused = await again()
    expect(refused).toMatchObject({ code: 2, stdout: '' })
    expect(refused.stderr).toContain('hosts.ini exists already')
    expect(refused.stderr).toContain('Choose another file with --output, or replace it with --force.')
    expect(await readFile(join(desk.folder, 'hosts.ini'), 'utf8')).toContain('[workers]')
    expect(await again('--force')).toMatchObject({ code: 0, stdout: '' })
    expect(JSON.parse(await readFile(join(desk.folder, 'hosts.ini'), 'utf8'))).toHaveProperty('workers')
    const shown = await desk.slipway(['inventory', 'export', demo, '--output', '-'])
    expect(shown).toMatchObject({ code: 0, stdout: expect.stringContaining(w1) })
  })

  it('is an error with 2 for what does not exist', async () => {
    for (const args of [
      ['nodes', 'nope'],
      ['runs', 'nope'],
      ['kubeconfig', 'nope'],
      ['logs', 'nope'],
      ['status', 'nope'],
    ])
      expect(await desk.slipway(args)).toMatchObject({ code: 2, stdout: '' })
  })
})
