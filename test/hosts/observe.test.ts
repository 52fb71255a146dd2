import { createHmac } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { observe } from '../../src/distributions/rke2/host/observe.ts'
import { checkPorts } from '../../src/hosts/ports.ts'
import { bootLab, type LabHosts } from './labHosts.ts'
import { startSshd } from './localSshd.ts'
import { openWorkbench, type Workbench } from './workbench.ts'

const hmacKey = Buffer.from('key of this installation')
const probe = { hmacKey }

let lab: LabHosts
let bench: Workbench

beforeAll(async () => {
  lab = await bootLab('hosts-observe', 2, { behindJump: true, ipv6: true })
})
afterAll(() => lab.down())
beforeEach(async () => {
  bench = await openWorkbench()
})
afterEach(async () => {
  expect(await bench.close()).toBe(0)
})

const through = () => ({ jump: lab.jump ? [lab.jump] : [] })
const openBoth = () => bench.open(lab.hostnames.map(host => lab.target(host, through())))

describe('the probe of a host', () => {
  it('tells a fresh host as it is, through a jump host, as a user with sudo', async () => {
    const admin = { user: lab.sudoUser, sudo: true, sudoPassword: lab.sudoPassword, ...through() }
    const hosts = await bench.open([lab.target('h1', admin)])
    const facts = await observe(hosts, 'h1', probe)
    expect(facts).toMatchObject({
      hostname: 'h1',
      os: { id: 'debian', version_id: '12' },
      arch: 'x86_64',
      uid: 0,
      disks: { data: { path: '/var/lib/rancher/rke2', read_only: false, noexec: false } },
      services: { 'rke2-server': { load: 'not-found', active: 'inactive', main_pid: 0 } },
      release: { version: null, prefix: null },
      config: [],
      data: { exists: false, etcd_member: false, ca_hash: null },
      fence: null,
      leftovers: [],
      cluster: null,
      foreign_cni: [],
      effective: {
        'rke2-server': { mask: null, shadow: null, settings: [] },
        'rke2-agent': { mask: null, shadow: null, settings: [] },
      },
      prepared: { missing_modules: [], etcd_user: false, etcd_group: false, cis_parameters: null },
    })
    const shown = (await lab.exec('h1', 'hostname -I')).trim().split(' ')
    expect(facts.addresses).toEqual(expect.arrayContaining(shown))
    expect(facts.addresses?.filter(address => !shown.includes(address) && !address.startsWith('fe80:'))).toEqual([])
    expect(facts.boot_id).toBe((await lab.exec('h1', 'cat /proc/sys/kernel/random/boot_id')).trim())
    expect(facts.machine_id).toMatch(/^[0-9a-f]{32}$/)
    expect(facts.machine_id).toBe((await lab.exec('h1', 'cat /etc/machine-id')).trim())
    expect(facts.memory_mib).toBeGreaterThan(100)
    expect(facts.disks.data.free_mib).toBeGreaterThan(100)
    expect(facts.listening.map(one => one.port)).toContain(22)
    // Both ends share one clock here.
    expect(Math.abs(facts.clock_skew)).toBeLessThan(0.5)
  })

  it('says without root what a user may see', async () => {
    const hosts = await bench.open([lab.target('h1', { user: lab.sudoUser, ...through() })])
    expect((await observe(hosts, 'h1', probe)).uid).toBe(1000)
  })

  it('takes the version from the note of what was installed as long as the program is that very file', async () => {
    const program = `#!/bin/sh\necho rke2 version v1.34.9+rke2r1`
    await lab.exec(
      'h2',
      `mkdir -p /var/lib/slipway; cd /usr/local/bin; printf '${program}\n' > rke2; chmod +x rke2
      printf '{"version": "v1.34.1+rke2r1", "files": [["/usr/local/bin/rke2", %s]]}' "$(stat -c '%s, %Y' rke2)" > /var/lib/slipway/release.json`,
    )
    const hosts = await openBoth()
    const version = async () => (await observe(hosts, 'h2', probe)).release.version
    expect(await version()).toBe('v1.34.1+rke2r1')
    await lab.exec('h2', `printf '${program} \n' > /usr/local/bin/rke2`)
    expect(await version()).toBe('v1.34.9+rke2r1')
    await lab.exec('h2', 'rm -r /usr/local/bin/rke2 /var/lib/slipway')
    expect(await version()).toBe(null)
  })

  it('describes configuration by keyed hash and names of keys, never by values', async () => {
    const content = 'token: canary-token\n"server": https://10.0.0.1:9345 # first\ntls-san:\n  - a\n'
    await lab.exec(
      'h2',
      `mkdir -p /etc/rancher/rke2/config.yaml.d /etc/default; cd /etc/rancher/rke2; umask 077;
      printf '%s' '${content}' > config.yaml; echo 'debug: true' > config.yaml.d/50-x.yaml; echo x > config.yaml.d/readme;
      echo 'HTTPS_PROXY=http://user:canary-password@proxy' > /etc/default/rke2-server`,
    )
    const facts = await observe(await openBoth(), 'h2', probe)
    expect(facts.config.map(file => file.path)).toEqual([
      '/etc/rancher/rke2/config.yaml',
      '/etc/rancher/rke2/config.yaml.d/50-x.yaml',
      '/etc/default/rke2-server',
    ])
    expect(facts.config[0]).toMatchObject({
      mode: '0600',
      uid: 0,
      keys: ['token', 'server', 'tls-san'],
      server: 'https://10.0.0.1:9345',
      hmac: createHmac('sha256', hmacKey).update(content).digest('hex'),
    })
    expect(facts.config[2]?.keys).toEqual(['HTTPS_PROXY'])
    expect(JSON.stringify(facts)).not.toContain('canary')
    await lab.exec('h2', 'rm -r /etc/rancher /etc/default/rke2-server')
  })

  it('tells what a service will really run with before there is one, and no value that may be secret', async () => {
    const folder = '/etc/systemd/system/rke2-server.service.d'
    await lab.exec(
      'h2',
      `mkdir -p ${folder} /run/systemd/system/rke2-.service.d /etc/sysconfig /usr/lib/systemd/system/service.d; cd ${folder}
      printf '[Service]\\nExecStart=\\nExecStart=/usr/local/bin/rke2 server --token canary\\nEnvironment="A=b c" RKE2_TOKEN=canary \\\\\\n RKE2_URL=https://u:canary@10.9.9.9:9345\\n' > 50-x.conf
      printf '[Service]\\nEnvironment=RKE2_URL=\\nNice=1\\n' > /run/systemd/system/rke2-.service.d/40-early.conf
      printf '[Service]\\nUser=nobody\\n' > /usr/lib/systemd/system/service.d/70-off.conf; ln -s /dev/null 70-off.conf
      printf '# RKE2_DATA_DIR=/no\\nexport RKE2_NODE_NAME="other"\\nGOGC=50\\n' > /etc/sysconfig/rke2-server
      ln -s /dev/null /etc/systemd/system/rke2-agent.service`,
    )
    const facts = await observe(await openBoth(), 'h2', probe)
    await lab.fault('wipe', 'h2')
    const { 'rke2-server': server, 'rke2-agent': agent } = facts.effective
    const [x, early] = [`${folder}/50-x.conf`, '/run/systemd/system/rke2-.service.d/40-early.conf']
    expect(server.settings.map(({ file, name, value }) => `${file} ${name} ${value}`)).toEqual([
      `${early} Environment set`,
      `${early} Nice set`,
      `${x} ExecStart reset`,
      `${x} ExecStart set`,
      `${x} Environment set`,
    ])
    const told = server.environment.filter(({ kind }) => kind !== 'manager')
    expect(told.map(({ name, value, source }) => `${name}=${value} of ${source}`)).toEqual([
      `A=null of ${x}`,
      'GOGC=null of /etc/sysconfig/rke2-server',
      'RKE2_NODE_NAME=other of /etc/sysconfig/rke2-server',
      `RKE2_TOKEN=null of ${x}`,
      `RKE2_URL=***@10.9.9.9:9345 of ${x}`,
    ])
    expect(JSON.stringify(facts)).not.toContain('canary')
    expect(agent.mask).toBe('/etc/systemd/system/rke2-agent.service')
    expect(server.mask).toBeNull()
  })

  it('finds what an earlier Kubernetes has left, and who holds a port', async () => {
    await lab.exec(
      'h2',
      `mkdir -p /var/lib/rancher/k3s /etc/kubernetes/manifests /etc/cni/net.d;
      touch /etc/cni/net.d/10-x.conflist; ip link add cni0 type bridge;
      cp /bin/sleep /tmp/kubelet; setsid /tmp/kubelet 4714 >/dev/null 2>&1 &
      setsid python3 -c 'import socket, time; s = socket.create_server(("0.0.0.0", 6443)); time.sleep(4715)' >/dev/null 2>&1 &
      until grep -q :192B /proc/net/tcp; do sleep 0.05; done`,
    )
    const hosts = await openBoth()
    const facts = await observe(hosts, 'h2', probe)
    expect(facts.leftovers.toSorted()).toEqual([
      '/etc/cni/net.d/10-x.conflist',
      '/etc/kubernetes/manifests',
      '/var/lib/rancher/k3s',
      'interface cni0',
      'process kubelet (/tmp/kubelet)',
    ])
    expect(facts.listening.find(one => one.port === 6443)).toEqual({
      port: 6443,
      addresses: ['0.0.0.0'],
      process: 'python3',
    })
    const address = (await lab.exec('h2', 'hostname -I')).trim().split(' ')
    const ports = await checkPorts(
      hosts,
      'h1',
      [...address.map(one => ({ address: one, port: 6443 })), { address: address[0] ?? '', port: 9345 }],
      1000,
    )
    expect(ports.map(one => one.state)).toEqual(['open', ...address.slice(1).map(() => 'refused'), 'refused'])
    await lab.fault('wipe', 'h2')
  })

  it('tells an unreachable port from a refused one', async () => {
    const hosts = await openBoth()
    await hosts.connect('h1')
    const address = (await lab.exec('h2', 'hostname -I')).trim().split(' ')[0] ?? ''
    await lab.exec('h1', `ip route add blackhole ${address}`)
    const [found] = await checkPorts(hosts, 'h1', [{ address, port: 22 }], 500)
    expect(found).toMatchObject({ state: 'unreachable' })
    await lab.exec('h1', `ip route del blackhole ${address}`)
  })

  it('sees a full disk', async () => {
    await lab.fault('fill', 'h1')
    expect((await observe(await openBoth(), 'h1', probe)).disks.data.free_mib).toBe(0)
    await lab.fault('unfill', 'h1')
  })
})

describe('a host that fails', () => {
  it('by power loss is unreachable within the connect timeout, and reached again afterwards', async () => {
    const hosts = await openBoth()
    await hosts.connect('h2')
    await lab.fault('kill', 'h2')
    const started = performance.now()
    const error = await observe(hosts, 'h2', probe).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'host-unreachable' })
    expect(performance.now() - started).toBeLessThan(20_000)
    await lab.fault('boot', 'h2')
    const deadline = performance.now() + 30_000
    let facts: unknown
    while (!facts && performance.now() < deadline) facts = await observe(hosts, 'h2', probe).catch(() => undefined)
    expect(facts).toMatchObject({ hostname: 'h2' })
  })

  it('by freezing in the middle of a command is noticed by the signs of life', async () => {
    const hosts = await bench.open([lab.target('h2', through())], { aliveInterval: 1 })
    const frozen = hosts.run('h2', { command: 'echo up; sleep 60', onStdout: () => lab.fault('freeze', 'h2') })
    const started = performance.now()
    await expect(frozen).rejects.toMatchObject({ code: 'host-unreachable', facts: { host: 'h2' } })
    expect(performance.now() - started).toBeLessThan(20_000)
    await lab.fault('thaw', 'h2')
  })
})

describe('a reply that cannot be trusted', () => {
  const replies = [
    ['is no JSON', 'echo surprise', 'host-reply-invalid'],
    ['is JSON of another shape', 'echo \'{"hostname": 1}\'', 'host-reply-invalid'],
    ['has no end', 'yes \'{"a": 1}\'', 'host-reply-invalid'],
    ['is one endless line', 'tr "\\0" x </dev/zero', 'host-reply-invalid'],
    ['is an error', 'echo Traceback >&2; echo "ImportError: no json" >&2; exit 1', 'host-reply-invalid'],
    ['never comes, because there is no python3', 'exit 127', 'tool-missing'],
  ] as const
  for (const [what, script, code] of replies) {
    it(`because it ${what} is refused`, async () => {
      const folder = await mkdtemp(join(tmpdir(), 'slipway-hosts-liar-'))
      await writeFile(join(folder, 'python3'), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
      await using liar = await startSshd('127.0.0.7', [
        `ForceCommand PATH=${folder}:$PATH sh -c "$SSH_ORIGINAL_COMMAND"`,
      ])
      const hosts = await bench.open([liar.target('m1')])
      await expect(observe(hosts, 'm1', probe)).rejects.toMatchObject({ code })
      await rm(folder, { recursive: true })
    })
  }
})
