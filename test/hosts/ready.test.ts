import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { HostAccess } from '../../src/hosts/access.ts'
import { awaitNode, awaitService } from '../../src/distributions/rke2/host/awaitReady.ts'
import { raiseFence } from '../../src/hosts/fence.ts'
import type { FenceMark } from '../../src/hosts/fenceMark.ts'
import { observe } from '../../src/distributions/rke2/host/observe.ts'
import { bootLab, type LabHosts } from './labHosts.ts'
import { openWorkbench, type Workbench } from './workbench.ts'

// The tests build on one another: a server is started, watched, looked at, joined, and lost.
const mark: FenceMark = { scope: { installation: 'our-installation', cluster: 'demo' }, fence: { epoch: 1, number: 1 } }
const version = 'v1.34.1+rke2r1'
const token = 'canary-token-of-the-cluster'
const server = 'rke2-server'
const limits = { deadline: 120_000 }
const hmacKey = Buffer.from('key')

let lab: LabHosts
let bench: Workbench
let hosts: HostAccess
let tarball: Buffer

beforeAll(async () => {
  lab = await bootLab('hosts-ready', 3)
  bench = await openWorkbench()
  hosts = await bench.open(lab.hostnames.map(name => lab.target(name)))
  const file = `${lab.releases}/${encodeURIComponent(version)}/rke2.linux-amd64.tar.gz`
  tarball = Buffer.from(await (await fetch(file)).arrayBuffer())
  for (const name of lab.hostnames) {
    await raiseFence(hosts, name, mark, { takeover: false })
    await hosts.run(name, { command: 'tar -xz -C /usr/local', stdin: tarball })
  }
})
afterAll(async () => {
  expect(await bench.close()).toBe(0)
  await lab.down()
})

const configure = (host: string, lines: readonly string[]) =>
  hosts.run(host, {
    command: 'mkdir -p /etc/rancher/rke2; umask 077; cat > /etc/rancher/rke2/config.yaml; systemctl daemon-reload',
    stdin: `${[`token: ${token}`, ...lines].join('\n')}\n`,
  })
const start = (host: string, unit = server) => lab.exec(host, `systemctl start --no-block ${unit}`)

describe('a service', () => {
  it('that nothing starts is told at once', async () => {
    await expect(awaitService(hosts, 'h1', { ...limits, unit: server })).rejects.toMatchObject({
      code: 'service-failed',
      message: expect.stringContaining('nothing starts it'),
    })
    await expect(awaitService(hosts, 'h1', { ...limits, unit: 'rke2-nonsense' })).rejects.toMatchObject({
      code: 'service-failed',
      message: expect.stringContaining('no such unit'),
    })
  })

  it('that dies again and again fails early, with its last journal lines and no token in them', async () => {
    const secure = `K10${'a'.repeat(64)}::server:canary-token-of-the-cluster`
    await lab.exec(
      'h1',
      `printf '[Service]\\nType=notify\\nExecStart=/bin/sh -c "echo joining with ${secure}; exit 3"\\nRestart=always\\nRestartSec=50ms\\nStartLimitIntervalSec=0\\n' > /etc/systemd/system/dying.service; systemctl daemon-reload`,
    )
    await start('h1', 'dying')
    const started = performance.now()
    const failed = await awaitService(hosts, 'h1', { ...limits, unit: 'dying', restartLimit: 3 }).catch(
      (error: unknown) => error,
    )
    expect(failed).toMatchObject({
      code: 'service-failed',
      message: expect.stringContaining('its last word: joining with'),
      facts: { journal: expect.stringContaining('joining with') },
    })
    expect(JSON.stringify(failed)).not.toContain('canary-token')
    expect(performance.now() - started).toBeLessThan(30_000)
    await lab.exec('h1', 'systemctl stop dying; rm /etc/systemd/system/dying.service; systemctl daemon-reload')
  })

  it('that ends with a fatal line is told by that line, whatever is printed after it, and not started for ever', async () => {
    // As RKE2 does: status 0 without a word to systemd, which therefore speaks of the protocol, and helpers that complain.
    const reason = 'starting kubernetes: preparing server: token CA hash does not match'
    await lab.exec(
      'h1',
      [
        `printf '#!/bin/sh\\necho "time=t level=fatal msg=\\\\"${reason}\\\\""\\nfor i in 1 2 3; do echo "time=t level=error msg=\\\\"shutting down $i\\\\""; done\\nsleep 0.1\\n' > /usr/local/bin/ends`,
        'chmod +x /usr/local/bin/ends',
        `printf '[Service]\\nType=notify\\nExecStartPre=-/sbin/modprobe-is-missing br_netfilter\\nExecStart=/usr/local/bin/ends\\nExecStopPost=-/bin/sh -c "echo Failed to get unit file state for nm-cloud-setup"\\nRestart=always\\nRestartSec=50ms\\nStartLimitIntervalSec=0\\n' > /etc/systemd/system/ends.service`,
        'systemctl daemon-reload',
      ].join('; '),
    )
    await start('h1', 'ends')
    const failed = await awaitService(hosts, 'h1', { ...limits, unit: 'ends', restartLimit: 100 }).catch(
      (error: unknown) => error,
    )
    expect(failed).toMatchObject({
      code: 'service-failed',
      message: expect.stringMatching(
        new RegExp(`^h1: ends ended: ${reason} \\(it ended \\d+ times for this reason\\)$`),
      ),
      facts: { said: reason, restarts: expect.any(Number) },
    })
    await lab.exec(
      'h1',
      'systemctl stop ends; rm /etc/systemd/system/ends.service /usr/local/bin/ends; systemctl daemon-reload',
    )
  })

  it('that never gets ready ends at the deadline', async () => {
    await lab.exec(
      'h1',
      `printf '[Service]\\nType=notify\\nTimeoutStartSec=0\\nExecStart=/bin/sleep 1000\\n' > /etc/systemd/system/slow.service; systemctl daemon-reload`,
    )
    await start('h1', 'slow')
    await expect(awaitService(hosts, 'h1', { deadline: 700, unit: 'slow' })).rejects.toMatchObject({
      code: 'stage-timeout',
      message: expect.stringContaining('still activating'),
    })
    await lab.exec('h1', 'systemctl kill slow; rm /etc/systemd/system/slow.service; systemctl daemon-reload')
  })

  it('that starts is watched until it is active', async () => {
    await configure('h1', ['node-name: h1'])
    await start('h1')
    const said: string[] = []
    await awaitService(hosts, 'h1', { ...limits, unit: server, onProgress: line => void said.push(line) })
    expect(said[0]).toMatch(/^rke2-server.service is activating/)
    expect((await observe(hosts, 'h1', { hmacKey })).services[server]).toMatchObject({ active: 'active', restarts: 0 })
  })
})

describe('a node', () => {
  it('is ready when API, condition, lease, voter and version are', async () => {
    const node = await awaitNode(hosts, 'h1', { ...limits, node: 'h1', version, voter: true })
    expect(node).toMatchObject({ name: 'h1', ready: true, etcd_voter: true, kubelet_version: version })
  })

  it('is missed by what it lacks', async () => {
    const wait = (wanted: { node?: string; version?: string }) =>
      awaitNode(hosts, 'h1', { deadline: 1500, node: 'h1', version, voter: true, ...wanted })
    await expect(wait({ node: 'h2' })).rejects.toMatchObject({
      code: 'stage-timeout',
      message: expect.stringContaining('the Node to be registered'),
    })
    await expect(wait({ version: 'v1.34.2+rke2r1' })).rejects.toMatchObject({
      message: expect.stringContaining(`kubelet v1.34.2+rke2r1 (it has ${version})`),
    })
  })

  it('is not watched on any longer when nobody waits for it', async () => {
    const stop = new AbortController()
    const watching = awaitNode(hosts, 'h1', {
      deadline: 600_000,
      node: 'h9',
      version,
      voter: true,
      signal: stop.signal,
      onProgress: () => stop.abort(),
    })
    await expect(watching).rejects.toMatchObject({ code: 'run-cancelled' })
    // The watch on the API server is begun anew every ten seconds at the latest.
    await lab.exec('h1', `timeout 20 sh -c 'while pgrep -f "^python3 -I -S -c import" >/dev/null; do sleep 0.2; done'`)
  })

  it('that joins while it is watched is reported as it comes', async () => {
    const server1 = hosts.target('h1').address
    await configure('h2', ['node-name: h2', `server: https://${server1}:9345`])
    const said: string[] = []
    const watching = awaitNode(hosts, 'h1', {
      ...limits,
      node: 'h2',
      version,
      voter: true,
      onProgress: line => void said.push(line),
    })
    await start('h2')
    await awaitService(hosts, 'h2', { ...limits, unit: server })
    expect(await watching).toMatchObject({ name: 'h2', etcd_voter: true })
    expect(said[0]).toBe('h2: waiting for the Node to be registered')
  })

  it('of a host that lost its power a moment ago is not ready, though its condition still says so', async () => {
    await configure('h3', ['node-name: h3', `server: https://${hosts.target('h1').address}:9345`])
    await start('h3', 'rke2-agent')
    const wait = (deadline: number) => awaitNode(hosts, 'h1', { deadline, node: 'h3', version, voter: false })
    expect(await wait(limits.deadline)).toMatchObject({ roles: [], etcd_voter: null })
    await lab.fault('kill', 'h3')
    let failure: unknown
    while (failure === undefined)
      failure = await wait(1500)
        .then(() => undefined)
        .catch((error: unknown) => error)
    expect(failure).toMatchObject({
      code: 'stage-timeout',
      message: expect.stringContaining('a sign of life of its kubelet'),
    })
    const facts = await observe(hosts, 'h1', { hmacKey, cluster: 'nodes' })
    expect(facts.cluster?.nodes?.find(node => node.name === 'h3')?.ready).toBe(true)
  })
})

describe('a running server', () => {
  it('shows itself, its cluster and its configuration to the probe', async () => {
    const facts = await observe(hosts, 'h1', { hmacKey, cluster: 'nodes' })
    expect(facts.release).toMatchObject({ version, prefix: '/usr/local', rpm: false })
    expect(facts.data).toMatchObject({ etcd_member: true, server_token: true })
    expect(facts.data.ca_hash).toMatch(/^[0-9a-f]{64}$/)
    expect(facts.config).toMatchObject([
      { path: '/etc/rancher/rke2/config.yaml', mode: '0600', keys: ['token', 'node-name'] },
    ])
    expect(facts.listening.find(one => one.port === 9345)?.process).toBeTruthy()
    expect(facts.leftovers).toEqual([])
    expect(facts.cluster).toMatchObject({ ready: true, error: null })
    expect(facts.cluster?.nodes?.map(node => node.name).toSorted()).toEqual(['h1', 'h2', 'h3'])
    expect(facts.data.etcd_name).toMatch(/^h1-[0-9a-f]{8}$/)
    expect(JSON.stringify(facts)).not.toContain(token)
  })

  it('is not taken for an earlier Kubernetes when it is down, though its containers live on', async () => {
    await lab.exec('h1', 'systemctl stop rke2-server')
    expect(await lab.exec('h1', 'cat /proc/[0-9]*/comm')).toMatch(/^etcd$/m)
    expect(await lab.exec('h1', 'ip link')).toContain('cali0')
    expect((await observe(hosts, 'h1', { hmacKey })).leftovers).toEqual([])
    await lab.exec('h1', 'systemctl start rke2-server')
  })

  it('does not hang the probe when its API hangs', async () => {
    await lab.exec('h1', 'pkill -STOP kube-apiserver')
    const started = performance.now()
    const facts = await observe(hosts, 'h1', { hmacKey, cluster: 'nodes' })
    expect(facts.cluster).toMatchObject({ ready: false, nodes: null })
    expect(performance.now() - started).toBeLessThan(10_000)
    await lab.exec('h1', 'pkill -CONT kube-apiserver')
  })

  it('shows who is in its etcd, and which of them live: one that lost its power does not, whatever its Node says', async () => {
    const seen = async () => {
      const { cluster, data } = await observe(hosts, 'h1', { hmacKey, cluster: 'nodes' })
      const own = cluster?.etcd?.members.find(({ id }) => id === cluster.etcd?.member_id)
      expect(own?.name).toBe(data.etcd_name)
      return cluster?.etcd
    }
    const members = async () =>
      (await seen())?.members
        .map(({ name, healthy, learner }) => `${name.slice(0, 2)} ${healthy} ${learner}`)
        .toSorted()
    const both = await seen()
    const other = (await observe(hosts, 'h2', { hmacKey, cluster: 'nodes' })).cluster?.etcd
    expect(other?.cluster_id).toBe(both?.cluster_id)
    expect(await members()).toEqual(['h1 true false', 'h2 true false'])
    await lab.fault('kill', 'h2')
    expect(await members()).toEqual(['h1 true false', 'h2 false false'])
  })
})
