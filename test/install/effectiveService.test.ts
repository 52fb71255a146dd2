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

let lab: InstallLab
let site: Site
let server: RunningServer
beforeAll(async () => {
  lab = await labUp(`test-effective-${process.pid}`, all)
  site = await openSite(lab, { servers, workers: ['w1'], spec: { ready_timeout_s: 90 } })
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
    await Promise.all(all.map(host => lab.read(host, `echo RKE2_URL=https://x:9345 > ${named}`)))
    for (const host of all) {
      const [file = '', ...lines] = of(host)
      await write(host, file, ...lines)
    }
    const { code, findings } = await plan()
    for (const host of all) await remove(host, of(host)[0] ?? '')
    expect(code).toBe(5)
    expect(findings.map(finding => `${finding.name} ${finding.about}`)).toEqual(all.map(host => `${name} node ${host}`))
    for (const [index, host] of all.entries()) {
      const file = of(host)[0] ?? ''
      expect(findings[index]?.message).toContain(of(host).join().includes(named) ? named : file)
    }
    expect(JSON.stringify(findings)).not.toContain('canary')
  })

  it('are refused where the service is masked, also until the next boot only', async () => {
    await Promise.all(
      all.map(host => lab.read(host, `systemctl mask ${host === 'm1' ? '--runtime' : ''} ${unitOf(host)}`)),
    )
    const { code, findings } = await plan()
    await Promise.all(
      all.map(host => lab.read(host, `systemctl unmask ${host === 'm1' ? '--runtime' : ''} ${unitOf(host)}`)),
    )
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
  const sysconfig = '/etc/sysconfig/rke2-server'
  const dropIn = `${folderOf('w1')}/x.conf`
  let ended: Finished

  it('does not start a server by them: its guard refuses, and there is one cluster', async () => {
    // Before the guard, so that the file is there when the guard looks.
    await write(
      'm2',
      `${folderOf('m2')}/05-held.conf`,
      '[Service]',
      `ExecStartPre=/bin/sh -c "while [ -e /run/held ]; do sleep 0.1; done"`,
    )
    await lab.read('m2', 'touch /run/held')
    const caught = await catchAt(
      site,
      server,
      ['apply', '-f', site.file, '--yes', ...accepted],
      ({ stage, message }) => stage === 'rke2/join:m2' && /is activating/.test(message),
    )
    await write('m2', sysconfig, `RKE2_CONFIG_FILE=${other}`)
    await write('w1', dropIn, '[Service]', config(other))
    await letStart(lab, ['m2'])
    await until('the guard of m2 refuses', async () =>
      /slipway: refused to start rke2-server: RKE2_CONFIG_FILE/.test(
        await lab.read('m2', 'journalctl -b -u rke2-server --no-pager'),
      ),
    )
    expect(await bootstraps(lab, servers)).toEqual([1, 0])
    await lab.read('m2', `rm ${sysconfig} ${folderOf('m2')}/05-held.conf; systemctl daemon-reload`)
    ended = await caught.ended
    expect(await etcdMembers(lab, 'm1')).toEqual(servers)
  })

  it('ends at the stage that looks at the machine, and names the drop-in', async () => {
    expect(ended.code).toBe(4)
    expect(said(ended)).toContain(`${dropIn} sets RKE2_CONFIG_FILE=${other} for rke2-agent`)
    expect(await lab.read('w1', 'systemctl is-active rke2-agent || true')).toBe('inactive')
    expect(await nodeStatuses(site)).not.toContain('w1 active')
  })

  it('can be brought to its end when they are gone', async () => {
    await remove('w1', dropIn)
    const applied = await site.slipway('apply', '-f', site.file, '--yes', ...accepted)
    expect(said(applied)).toContain('completed')
    expect(await nodeStatuses(site)).toEqual(['m1 active', 'm2 active', 'w1 active'])
  })
})

describe('members with something that would lead them elsewhere at their next start', () => {
  it('are never taken for sound', async () => {
    for (const host of all) await write(host, `${folderOf(host)}/x.conf`, '[Service]', config(other))
    const { code, findings } = await plan()
    expect(code).toBe(5)
    for (const host of all) expect(findings.map(({ about }) => about)).toContain(`node ${host}`)
    expect(new Set(findings.map(({ name }) => name))).toEqual(new Set(['service-redirected']))
    const applied = await site.slipway('apply', '-f', site.file, '--yes', ...accepted)
    expect(applied.code).toBe(5)
    expect(said(applied)).not.toMatch(/nothing to do|completed/)
    for (const host of all) await remove(host, `${folderOf(host)}/x.conf`)
  })

  it('start by no other configuration at a boot either, and are well again without it', async () => {
    await write('w1', '/etc/sysconfig/rke2-agent', `RKE2_CONFIG_FILE=${other}`)
    await lab.read('w1', 'systemctl restart --no-block rke2-agent')
    await until('the guard of w1 refuses', async () =>
      /slipway: refused to start rke2-agent: RKE2_CONFIG_FILE/.test(
        await lab.read('w1', 'journalctl -b -u rke2-agent --no-pager'),
      ),
    )
    await lab.read('w1', 'rm /etc/sysconfig/rke2-agent')
    await until(
      'w1 runs',
      async () => (await lab.read('w1', 'systemctl is-active rke2-agent || true')) === 'active',
      60_000,
    )
    const applied = await site.slipway('apply', '-f', site.file, '--yes', ...accepted)
    expect(applied.code).toBe(0)
    expect(await etcdMembers(lab, 'm1')).toEqual(servers)
    expect(await bootstraps(lab, servers)).toEqual([1, 0])
  })
})
