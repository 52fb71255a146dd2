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

/** @param of what the nodes after the first one have besides, by their names. */
const cluster = (
  [first, ...workers]: readonly string[],
  of: Readonly<Record<string, object>> = {},
): ClusterOptions => ({
  servers: [],
  spec: {
    ssh: { user: 'ops', key_file: 'key' },
    preflight: { min_cpus: 1, min_memory_mib: 128, min_disk_free_mib: 64 },
    machines: { provider: 'lab', memory: '2GiB', lab: { lab: lab.name, program: join(root, 'lab/lab') } },
    nodes: [
      { hostname: first, role: 'initial_master' },
      ...workers.map(hostname => ({ hostname, role: 'worker', ...of[hostname] })),
    ],
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

  it('is not made of other machines unasked: by another provider, or under another name', async () => {
    await site.write(cluster(['m1', 'w1'], { w1: { machine: { provider: 'libvirt', image: 'debian.qcow2' } } }))
    const moved = await site.slipway('plan', '-f', site.file)
    expect([moved.code, said(moved)]).toEqual([5, expect.stringContaining('it was made by lab, and libvirt is to')])
    await site.write(cluster(['m1', 'w1'], { w1: { internal_ip: 'machine:w9' } }))
    const renamed = await site.slipway('plan', '-f', site.file)
    expect([renamed.code, said(renamed)]).toEqual([
      5,
      expect.stringContaining('it is at machine:w1, and is to be at machine:w9'),
    ])
  })

  it('has a machine changed that is a node only once that was drained', async () => {
    await site.write(cluster(['m1', 'w1'], { w1: { machine: { memory: '4GiB' } } }))
    const refused = await site.slipway('apply', '-f', site.file, '--yes')
    expect([refused.code, said(refused)]).toEqual([
      5,
      expect.stringMatching(
        /it is node w1 of demo \(active\), and the change may restart it.*[^]*slipway drain demo w1/,
      ),
    ])
    expect(await site.done('drain', 'demo', 'w1', '--accept', 'no-room-for-pods', '--yes')).toBe('')
    expect(said(await site.slipway('apply', '-f', site.file, '--yes'))).toContain('"memory_mib":4096')
    expect(await site.done('uncordon', 'demo', 'w1', '--yes')).toBe('')
    expect(await nodeStatuses(site)).toEqual(['m1 active', 'w1 active'])
    expect(await site.done('apply', '-f', site.file, '--yes')).toBe('demo: nothing to do\n')
  })

  it('grows by a name; a machine that no node is on any more is told with what destroys it', async () => {
    expect(await site.done('scale', 'add', 'demo', 'w2', '--yes')).toBe('')
    expect(await nodeStatuses(site)).toEqual(['m1 active', 'w1 active', 'w2 active'])
    const removed = await site.slipway('scale', 'remove', 'demo', 'w2', '--yes')
    expect([removed.code, said(removed)]).toEqual([
      0,
      expect.stringMatching(/still there: slipway machine destroy w2$/m),
    ])
    expect(await machines()).toEqual(['m1 active demo', 'w1 active demo', 'w2 active'])
  })

  it('has a node put in the place of one by its name, and the machine of that one goes with it', async () => {
    const replaced = await site.slipway('node', 'replace', 'demo', 'w1', 'w3', '--destroy-machines', '--yes')
    expect([replaced.code, said(replaced)]).toEqual([0, expect.stringContaining('Destroy machine w1')])
    expect(await nodeStatuses(site)).toEqual(['m1 active', 'w3 active'])
    expect(await machines()).toEqual(['m1 active demo', 'w2 active', 'w3 active demo'])
    const shown = z.object({ spec: z.object({ memory: z.number() }) })
    expect(shown.parse(JSON.parse(await site.done('machine', 'show', 'w3', '-o', 'json'))).spec.memory).toBe(4096)
  })

  it('is uninstalled with its machines in one run; again is nothing to do, and what was not its own is there', async () => {
    const all = ['uninstall', 'demo', '--accept', 'data-loss', '--destroy-machines']
    const both = await site.slipway(...all, '--keep-snapshots', '--dry-run')
    expect([both.code, said(both)]).toEqual([2, expect.stringContaining('copy the snapshots away')])
    const gone = await site.slipway(...all, '--confirm', 'demo', '--yes')
    expect([gone.code, said(gone)]).toEqual([0, expect.stringMatching(/Destroy machine w3[^]*completed/)])
    expect(await machines()).toEqual(['w2 active'])
    const destroyed = await site.slipway('machine', 'destroy', 'm1', 'w2', '--yes')
    expect([destroyed.code, said(destroyed)]).toEqual([0, expect.stringContaining('m1: nothing to do')])
    expect(await machines()).toEqual([])
  })
})
