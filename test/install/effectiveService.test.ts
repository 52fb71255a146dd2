import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { RunningServer } from '../listening.ts'
import { until } from '../until.ts'
import { type Finished, type InstallLab, labUp, openSite, type Site } from './harness.ts'
import { catchAt } from './moments.ts'
import { bootstraps, etcdMembers, letStart, nodeStatuses } from './nodes.ts'

/** Something on a host would make RKE2 go by other settings than Slipway wrote: there is never a second cluster of it. */

const servers = ['m1', 'm2']
const all = [...servers, 'w1']
const other = '/etc/rancher/other.yaml'
/** What a drop-in names: the file is told that makes the setting. */
const named = '/etc/rancher/sometimes.env'
const elsewhere = 'https://10.9.9.9:9345'
const password = 'p4ssword-of-an-earlier-cluster'
/** Where nothing is yet when it is made, not even RKE2's own folder. */
const snapshots = '/var/lib/rancher/rke2/backups/m2'

let lab: InstallLab
let site: Site
let server: RunningServer
beforeAll(async () => {
  lab = await labUp(`test-effective-${process.pid}`, all)
  const node = (hostname: string, role: string) => ({ hostname, internal_ip: lab.address(hostname), role })
  const nodes = [
    node('m1', 'initial_master'),
    { ...node('m2', 'master'), node_vars: { 'etcd-snapshot-dir': snapshots } },
    node('w1', 'worker'),
  ]
  const spec = { ready_timeout_s: 90, token_file: './server-token', nodes }
  site = await openSite(lab, { servers, workers: ['w1'], spec })
  // As it is found on a server of an earlier cluster.
  await writeFile(join(site.home, 'server-token'), `K10${'0'.repeat(64)}::server:${password}\n`, { mode: 0o600 })
  server = await site.serve()
  await Promise.all(all.map(host => lab.read(host, `mkdir -p /etc/rancher; echo 'debug: true' > ${other}`)))
})
afterAll(async () => {
  await server?.stop()
  await site?.[Symbol.asyncDispose]()
  await lab?.down()
})

const said = ({ stdout, stderr }: Finished) => stdout + stderr
const unitOf = (host: string) => (host === 'w1' ? 'rke2-agent' : 'rke2-server')
const folderOf = (host: string) => `/etc/systemd/system/${unitOf(host)}.service.d`
const write = (host: string, file: string, ...lines: readonly string[]) =>
  lab.read(
    host,
    `mkdir -p "$(dirname ${file})"; printf '%s\\n' ${lines.map(line => `'${line}'`).join(' ')} > ${file}; systemctl daemon-reload`,
  )
const onEach = (work: (host: string) => Promise<unknown>) => Promise.all(all.map(work))
const remove = (host: string, file: string) => lab.read(host, `rm ${file}; systemctl daemon-reload`)

const accepted = ['--accept', 'even-servers', '--accept', 'few-cpus', '--accept', 'little-memory']
const planned = z.object({
  findings: z.array(z.object({ name: z.string(), severity: z.string(), about: z.string(), message: z.string() })),
})
/** What a plan says of these hosts, and how it ends. */
async function plan(...more: readonly string[]) {
  const { code, stdout, stderr } = await site.slipway('plan', '-f', site.file, '-o', 'json', ...accepted, ...more)
  if (stdout === '') throw new Error(`the plan ended with ${code}: ${stderr}`)
  return { code, findings: planned.parse(JSON.parse(stdout)).findings }
}

const config = (value: string) => `Environment=RKE2_CONFIG_FILE=${value}`
const both = ['[Service]', config(other), `Environment=RKE2_URL=${elsewhere}`]
const sysconfigOf = (host: string) => `/etc/sysconfig/${unitOf(host)}`
const refusals = async (host: string, variable: string) =>
  (await lab.read(host, `journalctl -b -u ${unitOf(host)} --no-pager`)).split(
    `slipway: refused to start ${unitOf(host)}: ${variable} is set`,
  ).length - 1
const guardRefuses = (host: string, variable: string, before = 0) =>
  until(`the guard of ${host} refuses ${variable}`, async () => (await refusals(host, variable)) > before)

describe('fresh machines with something that leads RKE2 elsewhere', () => {
  it.each([
    [
      'a drop-in of the service',
      'service-redirected',
      (h: string) => [`${folderOf(h)}/x.conf`, '[Service]', config(other)],
    ],
    [
      'a drop-in of all services',
      'service-redirected',
      () => ['/etc/systemd/system/service.d/x.conf', '[Service]', 'Environment="A=b" "RKE2_URL=https://10.9.9.9:9345"'],
    ],
    [
      'the environment file',
      'service-redirected',
      (h: string) => [`/etc/default/${unitOf(h)}`, `RKE2_CONFIG_FILE=${other}`],
    ],
    [
      'the other environment file',
      'service-redirected',
      (h: string) => [`/etc/sysconfig/${unitOf(h)}`, 'RKE2_TOKEN=canary'],
    ],
    [
      'an environment file that a drop-in names',
      'service-redirected',
      (h: string) => [`${folderOf(h)}/x.conf`, '[Service]', `EnvironmentFile=-${named}`],
    ],
    [
      'a file beside the configuration',
      'config-overridden',
      () => ['/etc/rancher/rke2/config.yaml.d/9.yaml', 'server: ""'],
    ],
    [
      'a unit file before the release’s',
      'service-overridden',
      (h: string) => [`/etc/systemd/system/${unitOf(h)}.service`, '[Service]', 'ExecStart=/usr/local/bin/rke2 server'],
    ],
    [
      'another program',
      'service-overridden',
      (h: string) => [`${folderOf(h)}/x.conf`, '[Service]', 'ExecStart=', 'ExecStart=/opt/other server'],
    ],
  ])('are refused at the plan, each by what it is: %s', async (_what, name, of) => {
    await onEach(host => lab.read(host, `echo RKE2_URL=https://x:9345 > ${named}`))
    await onEach(host => {
      const [file = '', ...lines] = of(host)
      return write(host, file, ...lines)
    })
    const { code, findings } = await plan()
    await onEach(host => remove(host, of(host)[0] ?? ''))
    expect(code).toBe(5)
    expect(findings.map(finding => `${finding.name} ${finding.about}`)).toEqual(all.map(host => `${name} node ${host}`))
    for (const [index, host] of all.entries()) {
      const file = of(host)[0] ?? ''
      expect(findings[index]?.message).toContain(of(host).join().includes(named) ? named : file)
    }
    expect(JSON.stringify(findings)).not.toContain('canary')
  })

  it('are refused where the service is masked, also until the next boot only', async () => {
    await onEach(host => lab.read(host, `systemctl mask ${host === 'm1' ? '--runtime' : ''} ${unitOf(host)}`))
    const { code, findings } = await plan()
    await onEach(host => lab.read(host, `systemctl unmask ${host === 'm1' ? '--runtime' : ''} ${unitOf(host)}`))
    expect(code).toBe(5)
    expect(findings.map(({ name, about }) => `${name} ${about}`)).toEqual(
      all.map(host => `service-masked node ${host}`),
    )
  })

  it('are refused for what systemd gives to every service', async () => {
    await lab.read('m2', 'systemctl set-environment RKE2_URL=https://user:canary@10.9.9.9:9345 HTTPS_PROXY=http://p:1')
    const { code, findings } = await plan()
    await lab.read('m2', 'systemctl unset-environment RKE2_URL HTTPS_PROXY')
    expect(code).toBe(5)
    expect(findings.map(({ name, severity }) => `${severity} ${name}`).toSorted()).toEqual([
      'error service-redirected',
      'warning foreign-settings',
    ])
    expect(JSON.stringify(findings)).not.toContain('canary')
  })

  it('are none for limits and the like, and accepted by name for what may matter', async () => {
    await write(
      'm2',
      `${folderOf('m2')}/x.conf`,
      '[Unit]',
      'After=multi.target',
      '[Service]',
      'LimitNOFILE=1000000',
      'Nice=1',
    )
    expect(await plan()).toEqual({ code: 0, findings: [] })
    await write('m2', `${folderOf('m2')}/x.conf`, '[Service]', 'KillMode=mixed')
    expect((await plan()).findings.map(({ name }) => name)).toEqual(['foreign-settings'])
    expect((await plan('--accept', 'foreign-settings')).code).toBe(0)
    await remove('m2', `${folderOf('m2')}/x.conf`)
  })
})

describe('a run in whose middle such things appear', () => {
  const dropInOf = (host: string) => `${folderOf(host)}/x.conf`
  let applied: Promise<Finished>
  let ended: Finished

  /** Whatever comes while a server's start is under way: its guard stands between that and RKE2. */
  async function leadAstray(host: string): Promise<void> {
    await write(host, sysconfigOf(host), `RKE2_URL=${elsewhere}`)
    await letStart(lab, [host])
    await guardRefuses(host, 'RKE2_URL')
    await write(host, dropInOf(host), '[Service]', config(other))
    await lab.read(host, `rm ${sysconfigOf(host)}`)
    await guardRefuses(host, 'RKE2_CONFIG_FILE')
  }
  const leadBack = (host: string) =>
    lab.read(host, `rm ${dropInOf(host)} ${folderOf(host)}/05-held.conf; systemctl daemon-reload`)

  it('does not make a cluster by them: the guard of the first server refuses', async () => {
    // Before the guard, so that the files are there when the guard looks.
    const hold = `ExecStartPre=/bin/sh -c "while [ -e /run/held ]; do sleep 0.1; done"`
    for (const host of servers) {
      await lab.read(host, 'touch /run/held')
      await write(host, `${folderOf(host)}/05-held.conf`, '[Service]', hold)
    }
    const caught = await catchAt(
      site,
      server,
      ['apply', '-f', site.file, '--yes', ...accepted],
      ({ stage, message }) => stage === 'rke2/initial-master' && /is activating/.test(message),
    )
    applied = caught.ended
    await leadAstray('m1')
    expect(await bootstraps(lab, servers)).toEqual([0, 0])
    await leadBack('m1')
  })

  it('does not start a further server by them, and there is one cluster, whose kubeconfig is kept', async () => {
    const isHeld = async () => (await lab.read('m2', 'systemctl show -P SubState rke2-server')) === 'start-pre'
    await until('m2 is to start', isHeld, 60_000)
    expect(await site.done('kubeconfig', site.cluster)).toContain(`https://${lab.address('m1')}:6443`)
    await write('w1', dropInOf('w1'), ...both)
    await leadAstray('m2')
    expect(await bootstraps(lab, servers)).toEqual([1, 0])
    await leadBack('m2')
    ended = await applied
    expect(await etcdMembers(lab, 'm1')).toEqual(servers)
  })

  it('ends at the stage that looks at the machine, and names the drop-in and what it sets', async () => {
    expect(ended.code).toBe(4)
    for (const set of [`RKE2_CONFIG_FILE=${other}`, `RKE2_URL=${elsewhere}`])
      expect(said(ended)).toContain(`${dropInOf('w1')} sets ${set} for rke2-agent`)
    expect(said(ended)).not.toContain('completed in')
    expect(await lab.read('w1', 'systemctl is-active rke2-agent || true')).toBe('inactive')
    expect(await nodeStatuses(site)).not.toContain('w1 active')
  })

  it('can be brought to its end when they are gone', async () => {
    await remove('w1', dropInOf('w1'))
    const applied = await site.slipway('apply', '-f', site.file, '--yes', ...accepted)
    expect(said(applied)).toContain('completed')
    expect(await nodeStatuses(site)).toEqual(['m1 active', 'm2 active', 'w1 active'])
  })

  it('has taken the password of the token that was pasted, whatever cluster it was of, and all have joined by it', async () => {
    const read = (host: string) => lab.read(host, `grep -E '^(token|agent-token):' /etc/rancher/rke2/config.yaml`)
    const hash = (await lab.read('m1', 'sha256sum /var/lib/rancher/rke2/server/tls/server-ca.crt')).slice(0, 64)
    expect(await lab.read('m1', 'cat /var/lib/rancher/rke2/server/token')).toBe(`K10${hash}::server:${password}`)
    expect(await read('m2')).toContain(`token: "K10${hash}::server:${password}"`)
    expect(await read('w1')).toContain(`token: "K10${hash}::node:`)
    for (const host of all) expect(await read(host)).not.toContain('0'.repeat(64))
  })

  it('has made the folder for snapshots that one server alone is to have, and status finds what is in it', async () => {
    await lab.read('m2', 'rke2 etcd-snapshot save')
    expect(await lab.read('m2', `stat -c %a ${snapshots}; ls ${snapshots} | wc -l`)).toBe('700\n1')
    expect(await site.done('status', site.cluster)).toMatch(
      new RegExp(`^last snapshot .* on m2 .*, ${snapshots}$`, 'm'),
    )
  })
})

describe('members with something that would lead them elsewhere at their next start', () => {
  it('are never taken for sound', async () => {
    await onEach(host => write(host, `${folderOf(host)}/x.conf`, ...both))
    const { code, findings } = await plan()
    expect(code).toBe(5)
    const told = findings.map(({ about, message }) => `${about}: ${/sets (RKE2_\w+)/.exec(message)?.[1]}`)
    for (const host of all)
      for (const name of ['RKE2_CONFIG_FILE', 'RKE2_URL']) expect(told).toContain(`node ${host}: ${name}`)
    expect(new Set(findings.map(({ name }) => name))).toEqual(new Set(['service-redirected']))
    const applied = await site.slipway('apply', '-f', site.file, '--yes', ...accepted)
    expect(applied.code).toBe(5)
    expect(said(applied)).not.toMatch(/nothing to do|completed/)
    await onEach(host => remove(host, `${folderOf(host)}/x.conf`))
  })

  it('start by no other configuration at a boot either, and are well again without it', async () => {
    const led = [
      { host: 'm1', name: 'RKE2_CONFIG_FILE', value: other },
      { host: 'w1', name: 'RKE2_URL', value: elsewhere },
    ]
    const hosts = led.map(({ host }) => host)
    const before = await Promise.all(led.map(({ host, name }) => refusals(host, name)))
    for (const { host, name, value } of led) {
      await write(host, sysconfigOf(host), `${name}=${value}`)
      await lab.read(host, `systemctl restart --no-block ${unitOf(host)}`)
    }
    for (const [index, { host, name }] of led.entries()) await guardRefuses(host, name, before[index])
    for (const host of hosts) await lab.read(host, `rm ${sysconfigOf(host)}`)
    for (const host of hosts)
      await lab.read(host, `timeout 60 sh -c 'until systemctl is-active -q ${unitOf(host)}; do sleep 0.2; done'`)
    const applied = await site.slipway('apply', '-f', site.file, '--yes', ...accepted)
    expect(applied.code).toBe(0)
    expect(await etcdMembers(lab, 'm1')).toEqual(servers)
    expect(await bootstraps(lab, servers)).toEqual([1, 0])
  })
})
