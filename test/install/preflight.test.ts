import { mkdir, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { type Finished, type InstallLab, labUp, openSite, type Site } from './harness.ts'
import { hostPrint } from './hostPrint.ts'

/** Six machines, each with a trouble of its own: a plan names all of it in one go, and touches none of them. */

const servers = ['m1', 'm2']
const workers = ['w1', 'w2', 'w3', 'w4']
const hosts = [...servers, ...workers]
/** On, and willing to let us in. */
const reached = hosts.filter(host => host !== 'w3')
const password = 'not-the-sudo-password-7c1f'

const plannedShape = z.object({
  blocked: z.boolean(),
  findings: z.array(
    z.object({ name: z.string(), severity: z.string(), about: z.string(), message: z.string(), remedy: z.string() }),
  ),
})

let lab: InstallLab
let site: Site
let before: readonly string[]
let machineId: string

const prints = () => Promise.all(reached.map(host => hostPrint(lab, host)))

const on = (host: string, command: string) => lab.read(host, command)

const thresholds = { preflight: { min_cpus: 512 } }
const sudo = (passwordFile: string) => ({
  user: lab.description.sudo_user,
  sudo: true,
  sudo_password_file: passwordFile,
})

/** The cluster file with settings of w4 alone. */
async function writeCluster(version: string, passwordFile: string, more: object = {}): Promise<void> {
  const node = (hostname: string, role: string) => ({
    hostname,
    internal_ip: lab.address(hostname),
    role,
    ...(hostname === 'w4' && { ssh: sudo(passwordFile) }),
  })
  const nodes = [
    node('m1', 'initial_master'),
    node('m2', 'master'),
    ...workers.map(hostname => node(hostname, 'worker')),
  ]
  await site.write({ servers, workers, version, spec: { ...thresholds, ...more, nodes } })
}

beforeAll(async () => {
  lab = await labUp(`test-preflight-${process.pid}`, hosts)
  site = await openSite(lab, { servers, workers })
  await writeFile(join(site.home, 'wrong'), `${password}\n`, { mode: 0o600 })
  machineId = await on('w1', 'cat /etc/machine-id')
  await Promise.all([
    on(
      'm1',
      `systemd-run --quiet --unit squatter python3 -c 'import socket, signal; s = socket.create_server(("", 6443)); signal.pause()'
       until ss -Hltn 'sport = :6443' | grep -q 6443; do sleep 0.1; done`,
    ),
    on('m2', 'cat /etc/machine-id').then(id => on('w1', `echo ${id} > /etc/machine-id`)),
    on('w1', 'mkdir -p /var/lib/rancher/k3s/server && echo old > /var/lib/rancher/k3s/server/token'),
    lab.fault('fill', 'w2'),
    lab.fault('kill', 'w3'),
  ])
  before = await prints()
})
afterAll(async () => {
  await site?.[Symbol.asyncDispose]()
  await lab?.down()
})

describe('machines with troubles of every kind', () => {
  let planned: Finished
  let applied: Finished
  beforeAll(async () => {
    await writeCluster('v1.34.99+rke2r1', './wrong')
    planned = await site.slipway('plan', '-f', site.file, '-o', 'json')
    applied = await site.slipway('apply', '-f', site.file, '--yes')
  })

  it('are all named in one plan: each host, each finding once, with what to do', () => {
    expect(planned.code).toBe(5)
    const { blocked, findings } = plannedShape.parse(JSON.parse(planned.stdout))
    expect(blocked).toBe(true)
    const errors = findings.filter(({ severity }) => severity === 'error').map(({ name, about }) => `${name}: ${about}`)
    expect(errors.toSorted()).toEqual([
      'authentication-failed: node w4',
      'disk-full: node w2',
      'earlier-install: node w1',
      'equal-machine-id: nodes m2, w1',
      'host-unreachable: node w3',
      'port-taken: node m1',
      'release-missing: version v1.34.99+rke2r1',
    ])
    const warnings = findings.filter(({ severity }) => severity === 'warning')
    expect(warnings.map(({ name, about }) => `${name}: ${about}`).toSorted()).toEqual([
      'even-servers: spec.nodes',
      'few-cpus: node m1',
      'few-cpus: node m2',
      'few-cpus: node w1',
      'few-cpus: node w2',
    ])
    for (const { message, remedy } of findings) {
      expect(message).not.toBe('')
      expect(remedy).toMatch(/\.$/)
    }
  })

  it('are described by what is wrong on them, for people', () => {
    expect(applied.code).toBe(5)
    expect(applied.stdout).toBe('')
    expect(applied.stderr).toContain('node m1: port 6443 is taken by python3')
    expect(applied.stderr).toContain(`there is no ${lab.artifactUrl}/v1.34.99%2Brke2r1/`)
    expect(applied.stderr).toMatch(/node w1: an earlier Kubernetes lies on it: .*k3s/)
    expect(applied.stderr).toMatch(/node w2: \d+ MiB free on .*, needed are 2048/)
    expect(applied.stderr).toMatch(/node w4: .*sudo/)
    expect(applied.stderr).toContain('nothing was changed')
    expect(applied.stderr).not.toMatch(/\n\s+at |TypeError/)
  })

  it('are left as they were, to the last file', async () => {
    const after = await prints()
    for (const [index, host] of reached.entries()) expect(after[index], host).toBe(before[index])
  })

  it('leave nothing on record, and the password is shown nowhere', async () => {
    expect(JSON.parse(await site.done('status', '-o', 'json'))).toEqual([])
    for (const text of [planned.stdout, planned.stderr, applied.stderr]) expect(text).not.toContain(password)
  })
})

describe('the same machines, set right', () => {
  beforeAll(async () => {
    await Promise.all([
      on('m1', 'systemctl stop squatter'),
      on('w1', `echo ${machineId} > /etc/machine-id; rm -r /var/lib/rancher`),
      lab.fault('unfill', 'w2'),
      lab.fault('boot', 'w3'),
    ])
    await writeCluster('v1.34.1+rke2r1', lab.description.sudo_password_file)
  })

  it('have warnings only, which block until they are accepted by name', async () => {
    const refused = await site.slipway('plan', '-f', site.file, '-o', 'json', '--accept', 'few-cpus')
    expect(refused.code).toBe(5)
    expect(refused.stderr).toContain('1 finding stands in the way')
    const accepted = await site.slipway(
      'plan',
      '-f',
      site.file,
      '-o',
      'json',
      '--accept',
      'few-cpus',
      '--accept',
      'even-servers',
    )
    expect(accepted.code).toBe(0)
    expect(plannedShape.parse(JSON.parse(accepted.stdout))).toEqual({ blocked: false, findings: [] })
  })

  it('can’t be had by accepting an error', async () => {
    await lab.fault('fill', 'w2')
    const planned = await site.slipway(
      'plan',
      '-f',
      site.file,
      '--accept',
      'few-cpus',
      '--accept',
      'even-servers',
      '--accept',
      'disk-full',
    )
    await lab.fault('unfill', 'w2')
    expect(planned.code).toBe(5)
    expect(planned.stderr).toContain('(disk-full)')
  })

  it('are refused for what would keep RKE2 from starting, or its release from fitting', async () => {
    const controllers = '/sys/fs/cgroup/cgroup.controllers'
    const unit = 'printf "[Service]\nExecStart=true\n[Install]\nWantedBy=multi-user.target\n"'
    await Promise.all([
      on('m1', `${unit} > /etc/systemd/system/nm-cloud-setup.service; systemctl enable nm-cloud-setup`),
      on('w1', `echo cpuset cpu io memory > /run/controllers; mount --bind /run/controllers ${controllers}`),
      on('w2', `echo cpuset io pids > /run/controllers; mount --bind /run/controllers ${controllers}`),
    ])
    // As long as no disk is large, and no work for this one.
    const folder = join(site.home, 'release')
    await mkdir(folder)
    const images = 'rke2-images.linux-amd64.tar.zst'
    for (const [file, size] of Object.entries({ 'rke2.linux-amd64.tar.gz': 2 ** 20, [images]: 2 ** 42 })) {
      await writeFile(join(folder, file), '')
      await truncate(join(folder, file), size)
    }
    const sums = ['rke2.linux-amd64.tar.gz', images].map(file => `${'0'.repeat(64)}  ${file}\n`)
    await writeFile(join(folder, 'sha256sum-amd64.txt'), sums.join(''))
    await writeCluster('v1.34.1+rke2r1', lab.description.sudo_password_file, {
      artifact_url: undefined,
      artifact_path: './release',
    })
    const planned = await site.slipway('plan', '-f', site.file, '--accept', 'few-cpus', '--accept', 'even-servers')
    await on('m1', 'systemctl disable nm-cloud-setup; rm /etc/systemd/system/nm-cloud-setup.service')
    await Promise.all(['w1', 'w2'].map(host => on(host, `umount ${controllers}`)))
    expect(planned.code).toBe(5)
    const said = planned.stdout + planned.stderr
    expect(said).toContain('node m1: nm-cloud-setup is enabled: the services of RKE2 v1.34.1+rke2r1 refuse to start')
    expect(said).toContain('systemctl disable --now nm-cloud-setup.service')
    expect(said).toMatch(/node w1: the cgroup controller pids is not there/)
    expect(said).toMatch(/node w2: the cgroup controllers cpu, memory are not there/)
    // Machines of which the same is said share a line.
    const full = [...said.matchAll(/error nodes? (.*): \d+ MiB free for .*, the files of the release need \d{7}\n/g)]
    expect(full.flatMap(([, names = '']) => names.split(', ')).toSorted()).toEqual(hosts.toSorted())
  })
})
