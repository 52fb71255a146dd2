import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { cloudInitText } from '../../../src/machines/cloudInit.ts'
import { addressesIn, addressesOf, listDomains } from '../../../src/machines/libvirt/domains.ts'
import { libvirt } from '../../../src/machines/libvirt/provider.ts'
import { nameAfterFirstBoot } from '../../../src/machines/untilAnswers.ts'
import { virsh } from '../../../src/machines/libvirt/virsh.ts'

/**
 * `make soak PIECE=libvirt`: what Slipway asks of libvirt, and what it gives a machine for its first boot, with a real
 * libvirt and a real domain; QEMU emulates its processor. Only the Terraform plugin is left out: virsh makes what it would.
 * @param 1 folder of `build`. To be run inside of `inNamespaces`.
 */
const [image = ''] = process.argv.slice(2)
const uri = 'qemu:///system'
const uid = '0123456789abcdef'
const name = 'w1'
const folder = mkdtempSync(join(tmpdir(), 'slipway-real-libvirt-'))
const calls = {
  environment: {},
  directory: folder,
  signal: new AbortController().signal,
  file: async () => '',
}
const settings = libvirt.settings.parse({})
const machine = { name, uid, user: 'ops', image: 'debian.qcow2', disk: 3, settings }
const run = (command: string, ...args: readonly string[]) =>
  execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
const asked = (...args: readonly string[]) => run('virsh', '-c', uri, ...args)
const faults = async (changed: object) =>
  ((await libvirt.preflight?.({ ...machine, ...changed }, calls)) ?? []).map(({ message }) => message)
const say = (text: string) => process.stderr.write(`[libvirt] ${text}\n`)

try {
  deepEqual(await faults({}), ['libvirt has no pool default that is on', 'libvirt has no network default that is on'])
  prepareHost()
  deepEqual(await faults({ image: 'none.qcow2' }), ['the pool default has no volume none.qcow2'])
  deepEqual(await faults({ disk: 1 }), ['the image debian.qcow2 is a disk of 2 GiB, and 1 GiB are less'])
  deepEqual(await faults({}), [])

  const began = performance.now()
  makeDomain()
  const address = await untilLocated()
  say(`its address after ${seconds(began)} s: ${address}`)
  await untilAnswers(address)
  say(`its first boot over after ${seconds(began)} s`)
  equal(login(address, 'hostname'), name)
  equal(login(address, 'sudo -n id -u'), '0')
  match(login(address, 'cloud-init status --wait'), /status: done/)
  ok(Number(login(address, 'df --output=size / | tail -n 1')) > 2.5 * 1024 * 1024, 'the disk has not grown')
  // Each source by itself: what one of them does not know another one does.
  const [domain] = await listDomains(uri, calls)
  ok(domain)
  for (const source of ['lease', 'agent', 'arp']) {
    const { stdout, errors } = await virsh(uri, [`domifaddr ${domain.uuid} --source ${source}`], calls)
    const told: string | undefined = addressesIn(stdout, domain.macs)[0]
    // libvirt 9.0 does not understand what newer kernels tell of neighbours; the other sources are asked all the same.
    if (source === 'arp' && errors.join().includes('wrong nlmsg len')) say('neighbours: this libvirt can’t tell them')
    else deepEqual([source, told, errors], [source, address, []])
  }
  equal((await addressesOf(uri, domain, calls))[0], address)

  deepEqual(await faults({ uid: 'fedcba9876543210' }), [
    `libvirt has a domain ${name} already (${domain.uuid}), which is not this machine`,
  ])
  const found = await libvirt.find?.(settings, { installation: uid.slice(0, 6) }, calls)
  ok(found?.asked)
  deepEqual(
    found.leftovers.map(({ what }) => what),
    [`domain ${name}`, `volume ${name}-${uid}-cloudinit.iso`, `volume ${name}-${uid}.qcow2`],
  )
  for (const leftover of [...found.leftovers, ...found.leftovers]) await libvirt.remove?.(settings, leftover, calls)
  deepEqual(await libvirt.find?.(settings, [uid], calls), { asked: true, leftovers: [] })
  equal(asked('vol-list', 'default').includes('debian.qcow2'), true)
  say(`all is as it is expected, after ${seconds(began)} s`)
} finally {
  rmSync(folder, { recursive: true })
}

function seconds(since: number): number {
  return Math.round((performance.now() - since) / 1000)
}

function prepareHost(): void {
  const network = join(folder, 'network.xml')
  writeFileSync(
    network,
    `<network><name>default</name><forward mode='nat'/><bridge name='virbr0'/>
      <ip address='192.168.122.1' netmask='255.255.255.0'><dhcp><range start='192.168.122.2' end='192.168.122.254'/></dhcp></ip>
    </network>`,
  )
  asked('net-define', network)
  asked('net-start', 'default')
  asked('pool-define-as', 'default', 'dir', '--target', '/var/lib/libvirt/images')
  asked('pool-start', 'default')
  asked('vol-create-as', 'default', 'debian.qcow2', '2GiB', '--format', 'qcow2')
  asked('vol-upload', '--pool', 'default', 'debian.qcow2', join(image, 'image.qcow2'))
  asked('pool-refresh', 'default')
}

/** As the module makes it, with a kernel beside it: the image has no boot loader. */
function makeDomain(): void {
  const key = join(folder, 'key')
  run('ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', key)
  const publicKey = readFileSync(`${key}.pub`, 'utf8').trim()
  const [disk, seed] = [`${name}-${uid}.qcow2`, `${name}-${uid}-cloudinit.iso`]
  const base = ['--backing-vol', 'debian.qcow2', '--backing-vol-format', 'qcow2']
  asked('vol-create-as', 'default', disk, '3GiB', '--format', 'qcow2', ...base)
  writeFileSync(join(folder, 'user-data'), cloudInitText({ hostname: name, user: 'ops', publicKey }))
  writeFileSync(join(folder, 'meta-data'), JSON.stringify({ 'instance-id': uid, 'local-hostname': name }))
  const iso = join(folder, 'seed.iso')
  const files = [join(folder, 'user-data'), join(folder, 'meta-data')]
  run('xorriso', '-as', 'genisoimage', '-quiet', '-output', iso, '-volid', 'cidata', '-joliet', '-rock', ...files)
  asked('vol-create-as', 'default', seed, '1MiB', '--format', 'raw')
  asked('vol-upload', '--pool', 'default', seed, iso)
  const pool = '/var/lib/libvirt/images'
  const definition = join(folder, 'domain.xml')
  writeFileSync(
    definition,
    `<domain type='qemu'>
  <name>${name}</name>
  <description>Slipway machine ${uid}</description>
  <memory unit='MiB'>768</memory>
  <vcpu>2</vcpu>
  <cpu mode='maximum'/>
  <os>
    <type arch='x86_64' machine='pc'>hvm</type>
    <kernel>${image}/kernel</kernel>
    <initrd>${image}/initrd</initrd>
    <cmdline>root=/dev/vda rw console=ttyS0</cmdline>
  </os>
  <features><acpi/></features>
  <devices>
    <disk type='file' device='disk'>
      <driver name='qemu' type='qcow2'/>
      <source file='${pool}/${disk}'/>
      <target dev='vda' bus='virtio'/>
    </disk>
    <disk type='file' device='cdrom'>
      <driver name='qemu' type='raw'/>
      <source file='${pool}/${seed}'/>
      <target dev='hdd' bus='ide'/>
      <readonly/>
    </disk>
    <interface type='network'><source network='default'/><model type='virtio'/></interface>
    <console type='pty'><target type='serial' port='0'/></console>
    <channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel>
    <rng model='virtio'><backend model='random'>/dev/urandom</backend></rng>
  </devices>
</domain>`,
  )
  asked('define', definition)
  asked('start', name)
}

async function untilLocated(): Promise<string> {
  for (let tries = 0; tries < 300; tries += 1) {
    const [address] = (await libvirt.locate?.(settings, uid, calls)) ?? []
    if (address !== undefined) return address
    await delay(1000)
  }
  throw new Error('it has no address after 300 s')
}

function login(address: string, command: string): string {
  const options = ['BatchMode=yes', 'StrictHostKeyChecking=no', 'UserKnownHostsFile=/dev/null', 'LogLevel=ERROR']
  const words = ['-i', join(folder, 'key'), ...options.flatMap(option => ['-o', option]), `ops@${address}`, command]
  return run('ssh', ...words).trim()
}

async function untilAnswers(address: string): Promise<void> {
  for (let tries = 0; ; tries += 1)
    try {
      login(address, nameAfterFirstBoot)
      return
    } catch (error) {
      if (tries === 120) throw error
      await delay(1000)
    }
}
