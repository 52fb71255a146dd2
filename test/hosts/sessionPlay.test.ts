import { writeFile } from 'node:fs/promises'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { type OpenSession, openSession } from '../../src/clusters/openSession.ts'
import { inventoryRoles } from '../../src/distributions/rke2/inventory.ts'
import { stageBench } from '../../src/distributions/rke2/stageBench.fixture.ts'
import { raiseFence } from '../../src/hosts/fence.ts'
import { markerEnvironment } from '../../src/processes/environment.ts'
import { createSealer } from '../../src/secrets/seal.ts'
import { clusterFileOf, node } from '../store/fixtures.ts'
import { bootLab, type LabHosts } from './labHosts.ts'
import { openWorkbench, type Workbench } from './workbench.ts'

let lab: LabHosts
let bench: Workbench
let session: OpenSession

beforeAll(async () => {
  lab = await bootLab('session-play', 1)
})
afterAll(() => lab.down())

/** Nothing listens there: a machine that has died since it was looked at. */
const nodes = () => [
  node('h1', lab.target('h1').address, 'worker', { ssh: { port: lab.target('h1').port } }),
  node('gone', '127.0.0.1', 'worker', { ssh: { port: 1 } }),
]

beforeEach(async () => {
  bench = await openWorkbench({ connectTimeout: 3 })
  const desired = clusterFileOf('demo', nodes(), { ssh: { user: 'root', key_file: './id' } })
  session = openSession(
    'demo',
    {
      desired: async () => desired,
      dropped: async () => [],
      file: async () => lab.identity,
      adopted: async () => new Map(),
      etcdMembers: async () => new Map(),
      bootstrap: stageBench({}).session.bootstrap,
      secret: async () => null,
      secretOr: async (_name, make) => ({ value: make(), kept: false }),
      knownHosts: bench.knownHosts,
    },
    {
      connections: bench.connections,
      directory: bench.directory,
      installation: 'i',
      sealer: createSealer(randomBytes(32)),
      environment: markerEnvironment({ worker: bench.worker }),
      learn: () => {},
      keyFilesOf: () => [],
      kubeconfigReader: () => null,
    },
  )
  await lab.exec('h1', 'rm -rf /var/lib/slipway /tmp/played')
})
afterEach(async () => {
  await session.close()
  expect(await bench.close()).toBe(0)
})

/** A play that leaves a file on each host. */
async function play(fence: number) {
  const playbook = join(bench.directory, 'play.json')
  const tasks = [{ name: 'Leave a file', 'ansible.builtin.command': { cmd: 'touch /tmp/played' } }]
  await writeFile(playbook, JSON.stringify([{ hosts: 'all', gather_facts: false, tasks }]))
  const context = {
    ...stageBench({}).attempt,
    fence: { epoch: 1, number: fence },
    environment: markerEnvironment(bench),
  }
  return session.play({ playbook, roles: inventoryRoles, nodes: nodes(), common: {}, hosts: {} }, context)
}
const played = async () => (await lab.exec('h1', 'ls /tmp')).split('\n').includes('played')

it('a host that cannot be given the fence fails by itself, for that reason, and the others are played', async () => {
  const results = await play(1)
  expect(results).toMatchObject([
    { host: 'h1', outcome: 'changed', error: null },
    { host: 'gone', outcome: 'unreachable', error: { code: 'host-unreachable' } },
  ])
  expect(await played()).toBe(true)
})

it('a host with a greater fence calls the whole play off', async () => {
  const mark = { scope: { installation: 'i', cluster: 'demo' }, fence: { epoch: 1, number: 9 } }
  await raiseFence(await session.hosts(), 'h1', mark, { takeover: false })
  await expect(play(8)).rejects.toMatchObject({ code: 'fence-refused' })
  expect(await played()).toBe(false)
})
