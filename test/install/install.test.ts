import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { type InstallLab, kubectl, labUp, openSite, run, type Site } from './harness.ts'
import { watchArguments } from './watchArguments.ts'

/** One installation of 3 servers and 2 agents, looked at from all sides. */

const canary = 'canary-4f1d9c72b6e84a0f'
const servers = ['m1', 'm2', 'm3']
const workers = ['w1', 'w2']

let lab: InstallLab
let site: Site
/** Where the server of each command keeps what may lie on no disk. */
let memory: string
let applied: Awaited<ReturnType<Site['slipway']>>
let seenArguments: readonly string[] = []

beforeAll(async () => {
  lab = await labUp(`test-install-${process.pid}`, [...servers, ...workers])
  memory = await mkdtemp('/dev/shm/install-')
  site = await openSite(lab, { servers, workers, spec: { token_file: './token' } }, { XDG_RUNTIME_DIR: memory })
  await writeFile(join(site.home, 'token'), `${canary}\n`, { mode: 0o600 })
  const watch = watchArguments(canary)
  applied = await site.slipway('apply', '-f', site.file, '--yes')
  seenArguments = watch.stop()
})
afterAll(async () => {
  await site?.[Symbol.asyncDispose]()
  if (memory) await rm(memory, { recursive: true })
  await lab?.down()
})

/** When a line first stood in a unit's journal, ms; NaN when it never did. */
async function at(host: string, pattern: RegExp): Promise<number> {
  const unit = host.startsWith('m') ? 'rke2-server' : 'rke2-agent'
  const journal = await lab.read(host, `journalctl -u ${unit} -o short-unix --no-pager`)
  const line = journal.split('\n').find(text => pattern.test(text))
  return line === undefined ? Number.NaN : Number(line.split(' ', 1)[0]) * 1000
}
const started = /Starting rke2 v/
const ready = /systemd\[1\]: Started/

describe('an installation', () => {
  it('ends well, with every node active and ready in the cluster’s own eyes', async () => {
    expect(applied.stderr + applied.stdout).toContain('completed')
    expect(applied.code).toBe(0)
    const nodes = z
      .array(z.object({ hostname: z.string(), role: z.string(), status: z.string(), installed_version: z.string() }))
      .parse(JSON.parse(await site.done('nodes', 'demo', '-o', 'json')))
    expect(nodes.map(node => `${node.hostname} ${node.role} ${node.status} ${node.installed_version}`)).toEqual([
      'm1 initial_master active v1.34.1+rke2r1',
      'm2 master active v1.34.1+rke2r1',
      'm3 master active v1.34.1+rke2r1',
      'w1 worker active v1.34.1+rke2r1',
      'w2 worker active v1.34.1+rke2r1',
    ])
    const kubeconfig = join(site.home, 'kubeconfig')
    await writeFile(kubeconfig, await site.done('kubeconfig', 'demo'), { mode: 0o600 })
    const seen = await run(kubectl, ['--kubeconfig', kubeconfig, 'get', 'nodes', '--no-headers'])
    expect(
      seen.stdout
        .trim()
        .split('\n')
        .map(line => line.split(/\s+/).slice(0, 2).join(' ')),
    ).toEqual(['m1 Ready', 'm2 Ready', 'm3 Ready', 'w1 Ready', 'w2 Ready'])
  })

  it('has one server make the cluster and all others join it', async () => {
    const initialised = await Promise.all(servers.map(host => at(host, /Managed etcd cluster initializing/)))
    expect(initialised.map(time => Number.isNaN(time))).toEqual([false, true, true])
    for (const host of [...servers.slice(1), ...workers]) {
      expect(await lab.read(host, 'cat /etc/rancher/rke2/config.yaml')).toContain(
        `server: "https://${lab.address('m1')}:9345"`,
      )
    }
  })

  it('lets joiners in one after the other, agents only then, and those side by side', async () => {
    const times = async (host: string) => ({ from: await at(host, started), to: await at(host, ready) })
    const [m1, m2, m3, w1, w2] = await Promise.all([...servers, ...workers].map(times))
    expect(m2?.from).toBeGreaterThan(m1?.to ?? Number.NaN)
    expect(m3?.from).toBeGreaterThan(m2?.to ?? Number.NaN)
    for (const worker of [w1, w2]) expect(worker?.from).toBeGreaterThan(m3?.to ?? Number.NaN)
    expect(Math.max(w1?.from ?? 0, w2?.from ?? 0)).toBeLessThan(Math.min(w1?.to ?? 0, w2?.to ?? 0))
  })

  it('ends with the first server naming another one to join, without a restart, and guarded', async () => {
    const said = await lab.read(
      'm1',
      'cat /etc/rancher/rke2/config.yaml; systemctl show -p NRestarts rke2-server; systemctl cat rke2-server',
    )
    expect(said).toContain(`server: "https://${lab.address('m2')}:9345"`)
    expect(said).toContain('NRestarts=0')
    expect(said).toMatch(/ExecStartPre=.*\/var\/lib\/slipway\/bootstrap-guard/)
    const starts = await lab.read('m1', `journalctl -u rke2-server --no-pager | grep -c 'Starting rke2 v'`)
    expect(starts).toBe('1')
  })

  it('finds nothing to do the second time, and touches no host', async () => {
    const print = () =>
      Promise.all(
        [...servers, ...workers].map(host =>
          lab.read(
            host,
            'stat -c "%n %i %y" /etc/rancher/rke2/* /var/lib/slipway/* && systemctl show -p MainPID rke2-server rke2-agent',
          ),
        ),
      )
    const before = await print()
    const again = await site.slipway('apply', '-f', site.file, '--yes')
    expect(again.code).toBe(0)
    expect(again.stdout + again.stderr).toMatch(/nothing to do/i)
    expect(await print()).toEqual(before)
    expect(JSON.parse(await site.done('runs', 'demo', '-o', 'json'))).toHaveLength(1)
    const plan = z
      .object({ has_changes: z.boolean() })
      .parse(JSON.parse(await site.done('plan', '-f', site.file, '-o', 'json')))
    expect(plan.has_changes).toBe(false)
  })

  it('tells that no snapshot was taken yet, and the last one when there is one', async () => {
    const before = await site.slipway('status', 'demo')
    expect(before.stdout).toContain('last snapshot   none')
    expect(before.stderr).toContain('no snapshot of etcd has been taken on m1, m2, m3')
    expect(before.code).toBe(0)
    await lab.read('m1', 'rke2 etcd-snapshot save')
    const after = await site.slipway('status', 'demo')
    expect(after.stdout).toMatch(
      /^last snapshot {3}\S+Z on m1 \((just now|\d+ min ago)\), \/var\/lib\/rancher\/rke2\/server\/db\/snapshots$/m,
    )
    expect(after.stderr).not.toContain('no-snapshot')
  })

  it('refuses a file that leaves a member out, and one that asks for another version', async () => {
    await site.write({ servers, workers: ['w1'], spec: { token_file: './token' } })
    const fewer = await site.slipway('plan', '-f', site.file)
    expect(fewer.code).toBe(5)
    expect(fewer.stdout + fewer.stderr).toMatch(/w2.*no longer names it/)
    await site.write({ servers, workers, version: 'v1.34.2+rke2r1', spec: { token_file: './token' } })
    const newer = await site.slipway('apply', '-f', site.file, '--yes')
    expect(newer.code).toBe(5)
    expect(newer.stdout + newer.stderr).toContain('apply does not upgrade')
    await site.write({ servers, workers, spec: { token_file: './token' } })
  })

  it('never shows the token: not in arguments, logs, events, files or folders in memory', async () => {
    expect(seenArguments).toEqual([])
    const [{ id } = { id: '' }] = z
      .array(z.object({ id: z.string() }))
      .parse(JSON.parse(await site.done('runs', 'demo', '-o', 'json')))
    const log = await site.done('logs', id)
    expect(log.length).toBeGreaterThan(1000)
    for (const text of [log, applied.stdout, applied.stderr, await site.done('runs', 'demo', '-o', 'json')])
      expect(text).not.toContain(canary)
    const found = await run('grep', [
      '-rlsaF',
      '--exclude=token',
      canary,
      site.home,
      '/dev/shm',
      '/run/user',
      '/var/tmp',
    ])
    expect(found.stdout).toBe('')
    expect(await readdir(join(memory, `slipway-${process.getuid?.()}`))).toEqual([])
    expect(await lab.read('w1', 'cat /etc/rancher/rke2/config.yaml')).not.toContain(canary)
    expect(await readFile(join(site.home, 'token'), 'utf8')).toContain(canary)
  })
})
