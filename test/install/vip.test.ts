import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RunningServer } from '../listening.ts'
import { until } from '../until.ts'
import {
  type ClusterOptions,
  type Finished,
  type InstallLab,
  kubectl,
  labUp,
  openSite,
  run,
  type Site,
} from './harness.ts'
import { killedInEach } from './moments.ts'
import { nodeStatuses } from './nodes.ts'

/** A VIP that Slipway puts on the servers, held by a real keepalived. */

const servers = ['m1', 'm2', 'm3']

let lab: InstallLab
let site: Site
let server: RunningServer
let vip: string
let installed: Finished

beforeAll(async () => {
  lab = await labUp(`test-vip-${process.pid}`, [...servers, 'w1'])
  vip = lab.address('m1').replace(/\d+$/, '100')
  site = await openSite(lab, cluster())
  server = await site.serve()
  const killed = await killedInEach(site, server, ['apply', '-f', site.file, '--yes'], ['rke2/vip'])
  server = killed.server
  installed = killed.ended
})
afterAll(async () => {
  await server?.stop()
  await site?.[Symbol.asyncDispose]()
  await lab?.down()
})

const cluster = (over: Partial<ClusterOptions> = {}): ClusterOptions => ({
  servers,
  workers: ['w1'],
  spec: { ready_timeout_s: 90, vip: { address: vip } },
  ...over,
})
const said = ({ stdout, stderr }: Finished) => stdout + stderr
const holders = async (some: readonly string[] = servers) => {
  const seen = await Promise.all(
    some.map(async host => ((await lab.read(host, 'ip -o address show')).includes(`${vip}/32`) ? [host] : [])),
  )
  return seen.flat()
}
/** The server that holds the VIP, which no other one does. */
const holder = async (some?: readonly string[]) => {
  const found = await holders(some)
  expect(found).toHaveLength(1)
  return found[0] ?? ''
}
const nodesOverVip = async () => {
  const kubeconfig = join(site.home, 'kubeconfig')
  await writeFile(kubeconfig, await site.done('kubeconfig', 'demo'), { mode: 0o600 })
  const { stdout, stderr } = await run(kubectl, ['--kubeconfig', kubeconfig, 'get', 'nodes', '-o', 'name'])
  return stdout.trim().split('\n').toSorted().join(' ') + stderr
}
const configuration = '/etc/keepalived/slipway-vip.conf'

describe('an installation with a VIP', () => {
  it('ends well, also when the server of Slipway is killed while it puts the VIP there', async () => {
    expect([installed.code, said(installed)]).toEqual([0, expect.stringContaining('completed')])
    expect(await nodeStatuses(site)).toEqual(['m1 active', 'm2 active', 'm3 active', 'w1 active'])
    expect(said(installed)).toContain(`the cluster answers at ${vip} (9345 and 6443, asked from m2)`)
    expect(await holder()).toBe('m1')
    expect(await nodesOverVip()).toBe('node/m1 node/m2 node/m3 node/w1')
  })
})
