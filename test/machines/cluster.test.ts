import { execFileSync } from 'node:child_process'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { catchAt } from '../install/moments.ts'
import type { SeenEvent } from '../install/events.ts'
import { type ClusterOptions, type Finished, type InstallLab, labUp, openSite, type Site } from '../install/harness.ts'
import { nodeStatuses } from '../install/nodes.ts'
import type { RunningServer } from '../listening.ts'

/** From no machine at all to a cluster and back, by the real OpenTofu: machines are hosts that the lab makes when asked. */

const root = resolve(import.meta.dirname, '../..')

let lab: InstallLab
let site: Site
let server: RunningServer

beforeAll(async () => {
  lab = await labUp(`test-machines-${process.pid}`, [])
  site = await openSite(lab, { servers: [] }, { SLIPWAY_PROVIDERS: join(root, 'lab/machines') })
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(site.home, 'key')])
  await site.write(cluster(['m1', 'w1']))
  server = await site.serve()
})
afterAll(async () => {
  await server?.stop()
  await site?.[Symbol.asyncDispose]()
  await lab?.down()
})

const cluster = ([first, ...workers]: readonly string[]): ClusterOptions => ({
  servers: [],
  spec: {
    ssh: { user: 'ops', key_file: 'key' },
    preflight: { min_cpus: 1, min_memory_mib: 128, min_disk_free_mib: 64 },
    machines: { provider: 'lab', memory: '2GiB', lab: { lab: lab.name, program: join(root, 'lab/lab') } },
    nodes: [{ hostname: first, role: 'initial_master' }, ...workers.map(hostname => ({ hostname, role: 'worker' }))],
  },
})
const said = ({ stdout, stderr }: Finished) => stdout + stderr
const machineList = z.array(
  z.object({
    name: z.string(),
    status: z.string(),
    addresses: z.array(z.string()),
    use: z.object({ cluster: z.string(), status: z.string() }).nullable(),
  }),
)
/** `m1 active demo`, by their names. */
const machines = async () =>
  machineList
    .parse(JSON.parse(await site.done('machine', 'list', '-o', 'json')))
    .map(({ name, status, use }) => [name, status, ...(use ? [use.cluster] : [])].join(' '))

describe('a cluster file that asks for machines', () => {
  it('is planned as a whole before there is any: each stage waits for the machines that it is about', async () => {
    const told = await site.done('plan', '-f', site.file)
    expect(told).toContain('+ create terraform_data.machine  machine/m1/terraform_data.machine')
    expect(told).toMatch(/as an agent {2}after machine\/create:m1, machine\/create:w1, .*rke2\/initial-master/)
    expect(told).toContain('once machine m1 is there')
    expect(await machines()).toEqual([])
  })

  it('is applied from nothing, also when the server of Slipway is killed while a machine is made', async () => {
    const isMade = ({ type, stage, message }: SeenEvent) =>
      type === 'progress' && stage === 'machine/create:m1' && message.includes('terraform_data.machine: creating')
    const caught = await catchAt(site, server, ['apply', '-f', site.file, '--yes'], isMade)
    process.kill(server.pid, 'SIGKILL')
    server = await site.serve()
    const ended = await caught.ended
    expect([ended.code, said(ended)]).toEqual([0, expect.stringContaining('completed')])
    expect(await nodeStatuses(site)).toEqual(['m1 active', 'w1 active'])
    expect(await machines()).toEqual(['m1 active demo', 'w1 active demo'])
    expect(await site.done('apply', '-f', site.file, '--yes')).toBe('demo: nothing to do\n')
  })

  it('keeps its machines: one that is a node is not destroyed', async () => {
    const refused = await site.slipway('machine', 'destroy', 'w1', '--yes')
    expect([refused.code, said(refused)]).toEqual([5, expect.stringContaining('it is a node of demo (active)')])
    expect(await machines()).toEqual(['m1 active demo', 'w1 active demo'])
  })

  it('grows by a name, and a machine goes with its node where that is asked for', async () => {
    expect(await site.done('scale', 'add', 'demo', 'w2', '--yes')).toBe('')
    expect(await nodeStatuses(site)).toEqual(['m1 active', 'w1 active', 'w2 active'])
    const removed = await site.slipway('scale', 'remove', 'demo', 'w2', '--destroy-machines', '--yes')
    expect([removed.code, said(removed)]).toEqual([0, expect.stringContaining('Destroy machine w2')])
    expect(await nodeStatuses(site)).toEqual(['m1 active', 'w1 active'])
    expect(await machines()).toEqual(['m1 active demo', 'w1 active demo'])
  })

  it('is uninstalled, which leaves its machines; they are destroyed side by side, and again is nothing to do', async () => {
    const gone = await site.slipway('uninstall', 'demo', '--confirm', 'demo', '--accept', 'data-loss', '--yes')
    expect([gone.code, said(gone)]).toEqual([0, expect.stringContaining('completed')])
    expect(await machines()).toEqual(['m1 active', 'w1 active'])
    const destroyed = await site.slipway('machine', 'destroy', 'm1', 'w1', '--yes')
    expect([destroyed.code, said(destroyed)]).toEqual([0, expect.stringContaining('Destroy machine w1: completed')])
    expect(await site.done('machine', 'destroy', 'm1', 'w1', '--yes')).toBe('m1: nothing to do\nw1: nothing to do\n')
    expect(await machines()).toEqual([])
  })
})
