import { execFile } from 'node:child_process'
import { cp, mkdir, readdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { type Finished, type InstallLab, labUp, openSite, type Site } from './harness.ts'
import { openness, opennessOf } from './openness.ts'

/** Machines as people have them: hardened logins, closed homes, other users of containers, addresses of their own. */

const hosts = ['m1', 'w1']
const version = 'v1.34.1+rke2r1'
const uploads = '/var/lib/slipway/uploads'

let lab: InstallLab
let site: Site
let folder: string
beforeAll(async () => {
  lab = await labUp(`test-states-${process.pid}`, hosts)
  site = await openSite(lab, { servers: ['m1'], workers: ['w1'] })
  folder = join(site.home, 'release')
  await mkdir(folder)
  const packed = (await promisify(execFile)(join(import.meta.dirname, '../../lab/rke2/pack'), ['--print-directory']))
    .stdout
  await cp(join(packed.trim(), version), folder, { recursive: true })
  expect(await readdir(folder)).toContain('sha256sum-amd64.txt')
})
afterAll(async () => {
  await site?.[Symbol.asyncDispose]()
  await lab?.down()
})

const said = ({ stdout, stderr }: Finished) => stdout + stderr
const accepted = ['--accept', 'few-cpus', '--accept', 'little-memory']
const planned = z.object({
  findings: z.array(
    z.object({ name: z.string(), severity: z.string(), about: z.string(), message: z.string(), remedy: z.string() }),
  ),
})
async function plan(...more: readonly string[]) {
  const { code, stdout, stderr } = await site.slipway('plan', '-f', site.file, '-o', 'json', ...accepted, ...more)
  if (stdout === '') throw new Error(`the plan ended with ${code}: ${stderr}`)
  return { code, findings: planned.parse(JSON.parse(stdout)).findings }
}
const named = ({ findings }: Awaited<ReturnType<typeof plan>>) =>
  findings.map(({ severity, name, about }) => `${severity} ${name}: ${about}`)
const nodes = (server: object, worker: object = {}) => ({
  nodes: [
    { hostname: 'm1', internal_ip: lab.address('m1'), role: 'initial_master', ...server },
    { hostname: 'w1', internal_ip: lab.address('w1'), role: 'worker', ...worker },
  ],
})
const write = (spec: object) => site.write({ servers: ['m1'], workers: ['w1'], spec: { ...spec } })

describe('a plan', () => {
  it('names an internal_ip that the machine does not have, and those that it has', async () => {
    const [server, worker] = [lab.address('m1'), lab.address('w1')]
    const outside = (external_ip: string) => ({ external_ip, use_external_ip: true })
    await write(
      nodes({ internal_ip: '10.246.9.11', ...outside(server) }, { internal_ip: '10.246.9.12', ...outside(worker) }),
    )
    const { code, findings } = await plan()
    expect(code).toBe(5)
    const told = findings.filter(({ name }) => name === 'internal-ip-elsewhere')
    expect(told.map(({ about }) => about)).toEqual(['node m1', 'node w1'])
    expect(told[0]?.message).toMatch(new RegExp(`^internal_ip 10.246.9.11 is no address .* it has .*${server}`))
  })

  it('takes an address that an interface has besides, also with the longest prefix', async () => {
    await lab.read('w1', 'ip address add 10.246.9.12/32 dev lo')
    const outside = { external_ip: lab.address('w1'), use_external_ip: true }
    await write(nodes({}, { internal_ip: '10.246.9.12', ...outside }))
    expect(named(await plan())).toEqual([])
    await lab.read('w1', 'ip address del 10.246.9.12/32 dev lo')
  })

  it('asks each machine’s own resolver for the endpoint', async () => {
    await write({ ...nodes({}), api_endpoint: 'api.example.test' })
    await lab.read('w1', `cp /etc/hosts /run/hosts; echo ${lab.address('m1')} api.example.test >> /etc/hosts`)
    const { code, findings } = await plan()
    await lab.read('w1', 'cp /run/hosts /etc/hosts')
    expect(code).toBe(5)
    expect(findings.map(({ name }) => name)).toEqual(['endpoint-unresolved'])
    expect(findings[0]?.message).toMatch(/^api.example.test cannot be resolved on m1: /)
  })

  it('knows other users of containers from a Kubernetes', async () => {
    await write(nodes({}))
    const net = '/etc/cni/net.d'
    const podman = '{"cniVersion":"0.4.0","name":"podman","plugins":[{"type":"bridge"},{"type":"portmap"}]}'
    await lab.read(
      'm1',
      `mkdir -p ${net}; echo '${podman}' > ${net}/87-podman-bridge.conflist; cp /bin/sleep /tmp/etcd; systemd-run --quiet --unit patroni /tmp/etcd 4711`,
    )
    await lab.read('w1', `mkdir -p ${net}; echo '{"plugins":[{"type":"calico"}]}' > ${net}/10-calico.conflist`)
    const found = await plan()
    expect(named(found).toSorted()).toEqual(['error earlier-install: node w1', 'warning foreign-cni: node m1'])
    expect(found.findings.find(({ name }) => name === 'foreign-cni')?.message).toContain('Podman')
    await lab.read('w1', `rm -r ${net}`)
    expect((await plan('--accept', 'foreign-cni')).code).toBe(0)
    await lab.read('m1', `rm -r ${net}; systemctl stop patroni`)
  })

  it('tells one machine under two addresses from a clone', async () => {
    await lab.read('m1', 'ip address add 10.246.9.13/32 dev lo')
    const via = { internal_ip: '10.246.9.13', external_ip: lab.address('m1'), use_external_ip: true }
    await write(nodes({}, via))
    const found = await plan()
    await lab.read('m1', 'ip address del 10.246.9.13/32 dev lo')
    expect(found.code).toBe(5)
    expect(named(found)).toEqual(['error same-machine: nodes m1, w1'])
    expect(JSON.stringify(found.findings)).not.toContain('rm ')
  })

  it('sees a load balancer that is in the way of RKE2’s own on an agent, and one that is not', async () => {
    await write(nodes({}))
    const listen = (address: string) =>
      lab.read(
        'w1',
        `systemd-run --quiet --unit balancer python3 -c 'import socket, signal; s = socket.create_server(("${address}", 6443)); signal.pause()'
         until ss -Hltn 'sport = :6443' | grep -q 6443; do sleep 0.1; done`,
      )
    await listen('127.0.0.1')
    expect(named(await plan())).toEqual(['error port-taken: node w1'])
    await lab.read('w1', 'systemctl stop balancer')
    await listen(lab.address('w1'))
    expect(named(await plan())).toEqual([])
    await lab.read('w1', 'systemctl stop balancer')
  })

  it('names what is in the way of uploads, snapshots and the profile, each on its machine', async () => {
    await write(closed())
    const mount = (options: string) => `mkdir -p ${uploads}; mount -t tmpfs ${options} tmpfs ${uploads}`
    await lab.read('m1', `${mount('-o size=64k')}; touch /srv/backup`)
    const later = '/etc/sysctl.d/90-kubelet.conf'
    await lab.read('w1', `${mount('-o ro')}; echo 'vm/overcommit_memory = 0' > ${later}`)
    const found = await plan()
    await Promise.all(
      hosts.map(host => lab.read(host, `umount ${uploads}; rm -rf ${later} /srv/backup ${dirname(uploads)}`)),
    )
    expect(found.code).toBe(5)
    expect(named(found).toSorted()).toEqual([
      'error disk-full: node m1',
      'error disk-read-only: node w1',
      'error snapshot-folder-unusable: node m1',
      'warning kernel-parameters-later: node w1',
      'warning kernel-parameters: node m1',
      'warning kernel-parameters: node w1',
    ])
    const told = found.findings.map(({ message }) => message).join('\n')
    expect(told).toMatch(new RegExp(`^0 MiB free for ${uploads}, the files of the release need \\d+$`, 'm'))
    expect(told).toContain(`the file system of ${uploads}, where the files of the release are brought, is read-only`)
    expect(told).toContain('/srv/backup is no folder: etcd-snapshot-dir (/srv/backup/etcd) cannot be written to')
    expect(told).toMatch(/vm.overcommit_memory is \d, .*, and cannot be set on the machine itself/)
  })
})

/** A hardened machine in a closed network, as the cluster file has it. */
const closed = (more: object = {}) => ({
  ...nodes({}),
  artifact_url: undefined,
  artifact_path: folder,
  cluster_vars: { profile: 'cis', 'etcd-snapshot-dir': '/srv/backup/etcd' },
  registries: { mirrors: { 'docker.io': null } },
  proxy: { http_proxy: 'http://192.0.2.9:3128', no_proxy: ['10.0.0.0/8'] },
  ...more,
})

describe('an installation with the profile cis, without internet, by a login that is closed in every way', () => {
  let applied: Finished
  let ssh: object
  const apply = (...more: readonly string[]) =>
    site.slipway('apply', '-f', site.file, '--yes', ...accepted, '--accept', 'kernel-parameters', ...more)
  beforeAll(async () => {
    const { sudo_user: user, sudo_password_file } = lab.description
    ssh = { user, key_file: lab.keyFile, sudo: true, sudo_password_file }
    await Promise.all(
      hosts.map(host =>
        lab.read(
          host,
          `echo 'Defaults umask=0077, umask_override' > /etc/sudoers.d/closed; chmod 440 /etc/sudoers.d/closed
           for file in .profile .bashrc .bash_profile; do echo 'umask 077' > /home/${user}/$file; done; echo 'umask 077' >> /etc/profile
           sed -i 's/^UMASK.*/UMASK 077/' /etc/login.defs; chown -R root ~${user}; chmod -R go+rX ~${user}`,
        ),
      ),
    )
    // What lies in the place of the folder for uploads is no reason to stop.
    await lab.read('w1', `mkdir -p ${dirname(uploads)}; touch ${uploads}`)
    await write(closed({ ssh }))
    applied = await apply()
  })

  it('says in the plan what it makes of the machines, and completes', () => {
    expect(said(applied)).toMatch(/prepare for its profile: the user and group etcd, kernel parameters/)
    expect(said(applied)).toContain('completed')
    expect(applied.code).toBe(0)
  })

  it('has made the account on the server only, and the parameters everywhere', async () => {
    expect(await lab.read('m1', 'id -Gn etcd')).toBe('etcd')
    expect(await lab.read('w1', 'id etcd 2>&1 || true')).toContain('no such user')
    for (const host of hosts)
      expect(await lab.read(host, 'cat /etc/sysctl.d/60-rke2-cis.conf')).toContain('vm.overcommit_memory=1')
  })

  it('has left folders as open as they are everywhere, and no upload', async () => {
    for (const host of hosts) {
      const more = { '/etc/sysctl.d/60-rke2-cis.conf': '644' }
      const usual = openness(host === 'm1' ? 'server' : 'agent', more)
      expect(await opennessOf(lab, host, usual)).toEqual(usual)
      const left = `ls -d ${uploads} ~${lab.description.sudo_user}/.slipway* 2>/dev/null || true`
      expect(await lab.read(host, left)).toBe('')
    }
  })

  it('has a kubeconfig that follows another endpoint', async () => {
    expect(await site.done('kubeconfig', site.cluster)).toContain(`https://${lab.address('m1')}:6443`)
    for (const host of hosts) await lab.read(host, `echo ${lab.address('m1')} api.example.test >> /etc/hosts`)
    await write(closed({ ssh, api_endpoint: 'api.example.test' }))
    const again = await apply('--accept', 'interruption')
    expect(said(again)).toContain('completed')
    const kubeconfig = await site.done('kubeconfig', site.cluster)
    expect(kubeconfig).toContain('https://api.example.test:6443')
    const asked = `base64 -d > /run/kubeconfig; /var/lib/rancher/rke2/bin/kubectl --kubeconfig /run/kubeconfig get node -o name`
    const nodesThere = await lab.read('m1', `echo ${Buffer.from(kubeconfig).toString('base64')} | ${asked}`)
    expect(nodesThere).toBe('node/m1\nnode/w1')
  })

  it('has nothing left to do', async () => {
    const again = await apply()
    expect(again.code).toBe(0)
    expect(said(again)).toMatch(/nothing to do/i)
  })
})
