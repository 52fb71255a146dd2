import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { z } from 'zod'
import type { RunningServer } from '../listening.ts'
import { until } from '../until.ts'
import { type ClusterOptions, type Finished, type InstallLab, labUp, openSite, type Site } from './harness.ts'
import { runEvents, type SeenEvent } from './events.ts'
import { catchAt } from './moments.ts'
import { bootstraps, etcdMembers, hostKubectl, letLead, nodeStatuses, soonNotReady } from './nodes.ts'

/**
 * The role of the first server goes from one server to another: alone, and when the one that has it is replaced, while it
 * lives, with its disk wiped, and with its machine lost.
 */

const spec = { ready_timeout_s: 90, cluster_vars: soonNotReady }
const of = (...servers: readonly string[]): ClusterOptions => ({ servers, workers: ['w1'], spec })
const hosts = ['m1', 'm2', 'm3', 'm4', 'w1']
const even = ['--accept', 'even-servers']

let lab: InstallLab
let site: Site
let server: RunningServer
let authority: string

beforeAll(async () => {
  lab = await labUp(`test-first-${process.pid}`, hosts)
  site = await openSite(lab, of('m1', 'm2', 'm3'))
  server = await site.serve()
  await site.done('apply', '-f', site.file, '--yes')
  authority = await caOf('m1')
})
afterAll(async () => {
  await server?.stop()
  await site?.[Symbol.asyncDispose]()
  await lab?.down()
})

const said = ({ stdout, stderr }: Finished) => stdout + stderr
const caOf = (host: string) => lab.read(host, 'sha256sum < /var/lib/rancher/rke2/server/tls/server-ca.crt')
const hashOf = (json: string) => z.object({ hash: z.string() }).parse(JSON.parse(json)).hash
/** Whom each host is told to join. */
const told = (host: string) => lab.read(host, "sed -n 's/^server: //p' /etc/rancher/rke2/config.yaml")
const processes = (of: readonly string[]) =>
  Promise.all(of.map(host => lab.read(host, 'systemctl show -p MainPID --value rke2-server rke2-agent')))
const endpoint = async () =>
  /server: https:\/\/([^:]+):6443/.exec(await site.done('kubeconfig', site.cluster))?.[1] ?? ''
const replace = (...words: readonly string[]) => ['node', 'replace', 'demo', ...words]
const newcomer = (host: string) => `${host}=${lab.address(host)}`

/** A command whose run goes on to its end, with the server of Slipway killed at the beginning of each of these stages. */
async function killedIn([first = '', ...others]: readonly string[], ...command: readonly string[]): Promise<Finished> {
  const begins = (event: SeenEvent, stage: string) => event.type === 'stage-started' && event.stage === stage
  const caught = await catchAt(site, server, command, event => begins(event, first))
  let { seq } = caught.event
  for (const stage of others) {
    process.kill(server.pid, 'SIGKILL')
    server = await site.serve()
    for await (const event of runEvents(site, server, caught.run, seq)) {
      seq = event.seq
      if (begins(event, stage)) break
    }
  }
  process.kill(server.pid, 'SIGKILL')
  server = await site.serve()
  return caught.ended
}

/** One cluster of these servers, whose first one is the first of them, and in which nobody is told of `left`. */
async function expectOneOf([first = '', ...others]: readonly string[], left: string): Promise<void> {
  const servers = [first, ...others].toSorted()
  const nodes = (await lab.read(first, `${hostKubectl} get nodes -o name`)).split('\n').toSorted()
  expect(nodes).toEqual([...servers, 'w1'].map(host => `node/${host}`))
  for (const host of servers) {
    expect(await etcdMembers(lab, host)).toEqual(servers)
    expect(await caOf(host)).toBe(authority)
  }
  for (const host of [...servers, 'w1']) expect(await told(host)).toMatch(/^"https:/)
  for (const host of [...servers, 'w1']) expect(await told(host)).not.toContain(lab.address(left))
  expect(await endpoint()).toBe(lab.address(first))
  expect((await nodeStatuses(site)).toSorted()).toEqual([...servers, 'w1'].map(host => `${host} active`))
}

it('the role alone goes to another server: the kubeconfig leads there, and nothing else is touched', async () => {
  const before = await processes(['m1', 'm2', 'm3', 'w1'])
  await site.write(of('m2', 'm1', 'm3'))
  await site.done('apply', '-f', site.file, '--yes')
  expect(await endpoint()).toBe(lab.address('m2'))
  await site.write(of('m1', 'm2', 'm3'))
  await site.done('apply', '-f', site.file, '--yes')
  expect(await endpoint()).toBe(lab.address('m1'))
  expect(await processes(['m1', 'm2', 'm3', 'w1'])).toEqual(before)
  expect(await bootstraps(lab, ['m1', 'm2', 'm3'])).toEqual([1, 0, 0])
})

it('its removal is the same plan by its name and by a file without it, restarts nobody, and says who follows', async () => {
  const shown = await site.done('scale', 'remove', 'demo', 'm1', '--dry-run', ...even)
  expect(shown).toContain('m1 out of the cluster, in which m2 is the first server from now on')
  expect(shown).toContain('write the final configuration, without a restart  m2')
  expect(shown).toContain('without a restart (whom to join)  m3')
  expect(shown).toContain('without a restart (whom to join)  w1')
  expect(shown).toContain(`issue the kubeconfig anew, for https://${lab.address('m2')}:6443`)
  expect(shown).not.toMatch(/restart rke2/)
  const named = await site.done(
    'scale',
    'remove',
    'demo',
    'm1',
    '--successor',
    'm3',
    '--dry-run',
    '-o',
    'json',
    ...even,
  )
  await site.write(of('m3', 'm2'))
  const byFile = await site.done('plan', '-f', site.file, '--remove', 'm1', '-o', 'json', ...even)
  expect(hashOf(byFile)).toBe(hashOf(named))
})

describe('replaced while it lives', () => {
  it('leaves when the new one has joined, though the server is killed in every stage, and nobody else is restarted', async () => {
    const named = await site.done(...replace('m1', newcomer('m4')), '--dry-run', '-o', 'json')
    await site.write(of('m2', 'm4', 'm3'))
    const byFile = await site.done('plan', '-f', site.file, '--remove', 'm1', '-o', 'json')
    expect(hashOf(byFile)).toBe(hashOf(named))
    await letLead(lab, 'm1', ['m1', 'm2', 'm3'])
    const before = await processes(['m2', 'm3', 'w1'])
    const ended = await killedIn(
      ['rke2/prepare', 'rke2/join:m4', 'rke2/join:m3', 'rke2/finish', 'cluster/drain:m1', 'rke2/leave-server:m1'],
      ...replace('m1', newcomer('m4')),
      '--yes',
    )
    expect(said(ended)).toMatch(/join:m4[^]*leave-server:m1[^]*Let another member lead etcd: changed[^]*completed/)
    expect(ended.code).toBe(0)
    expect(await processes(['m2', 'm3', 'w1'])).toEqual(before)
    await expectOneOf(['m2', 'm3', 'm4'], 'm1')
    expect(await lab.read('m1', 'ls -d /var/lib/rancher/rke2 /etc/rancher/rke2 2>/dev/null || true')).toBe('')
  })
})

describe('replaced with its disk wiped', () => {
  it('leaves first, and the new one joins the same cluster', async () => {
    await lab.fault('wipe', 'm2')
    await until(
      'the others have a leader',
      async () => (await lab.exec('m3', `timeout 5 ${hostKubectl} get nodes`)).code === 0,
    )
    const refused = await site.slipway(...replace('m2', newcomer('m1')), '--yes')
    expect(refused.code).toBe(5)
    expect(said(refused)).toContain('--accept host-key-changed:m2')
    // As a file says it, and with the server killed on the way.
    const file = join(site.home, 'm1.yaml')
    await writeFile(file, stringify({ nodes: [{ hostname: 'm1', internal_ip: lab.address('m1'), role: 'master' }] }))
    const ended = await killedIn(
      ['rke2/leave-server:m2', 'rke2/join:m1', 'rke2/finish'],
      ...replace('m2', '-f', file, '--accept', 'host-key-changed:m2', '--yes'),
    )
    expect([ended.code, said(ended)]).toEqual([0, expect.stringContaining('completed')])
    await expectOneOf(['m4', 'm1', 'm3'], 'm2')
    // What m1 did at the very beginning its journal still knows.
    expect(await bootstraps(lab, ['m1', 'm3', 'm4'])).toEqual([1, 0, 0])
  })
})

describe('lost', () => {
  it('leaves as it is, and the servers that stay are one cluster', async () => {
    await lab.fault('kill', 'm4')
    await until(
      'the others have a leader',
      async () => (await lab.exec('m1', `timeout 5 ${hostKubectl} get nodes`)).code === 0,
    )
    await site.done('scale', 'remove', 'demo', 'm4', '--accept', 'unreachable:m4', '--yes', ...even)
    await expectOneOf(['m1', 'm3'], 'm4')
  })

  it('neither joins again when it comes back, nor makes another cluster without its data', async () => {
    await lab.fault('boot', 'm4')
    const journal = () => lab.read('m4', 'journalctl -b -u rke2-server --no-pager')
    await until('it runs', async () =>
      (await lab.exec('m4', 'systemctl is-active rke2-server')).stdout.includes('activating'),
    )
    await expectOneOf(['m1', 'm3'], 'm4')
    await lab.read('m4', '/usr/local/bin/rke2-killall.sh >/dev/null 2>&1; rm -r /var/lib/rancher/rke2/server/db')
    await lab.read('m4', "sed -i '/^server:/d' /etc/rancher/rke2/config.yaml; systemctl start --no-block rke2-server")
    await until('the guard refuses its start', async () => (await journal()).includes('refused to start rke2-server'))
    await expectOneOf(['m1', 'm3'], 'm4')
    expect(await bootstraps(lab, ['m1', 'm3', 'm4'])).toEqual([1, 0, 0])
  })
})
