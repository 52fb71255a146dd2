import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { Lab } from '../../lab/lab.ts'
import { Cloud } from '../../lab/terraform/cloud.ts'
import { ownName, whatIsLeftOf } from './harness.ts'
import { Workspace } from './tofu.ts'

/** The stand-in of dmacvicar/libvirt 0.8.3, through the real OpenTofu. */

const folder = mkdtempSync(join(tmpdir(), 'slipway-libvirt-'))
const key = join(folder, 'key')
let publicKey: string
let lab: Lab
let cloud: Cloud
const spaces: Workspace[] = []

beforeAll(async () => {
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key])
  publicKey = readFileSync(`${key}.pub`, 'utf8').trim()
  lab = await Lab.up({ name: ownName('libvirt'), hosts: 0 })
  cloud = await Cloud.of(lab)
})
afterEach(() => cloud.behave())
afterAll(async () => {
  for (const space of spaces) space.remove()
  await lab?.down()
  expect(await whatIsLeftOf(ownName('libvirt'))).toEqual([])
  rmSync(folder, { recursive: true })
})

const head = `
terraform {
  required_providers {
    libvirt = {
      source  = "dmacvicar/libvirt"
      version = "~> 0.8"
    }
  }
}
provider "libvirt" {
  uri = "qemu:///system"
}
`

function workspace(body: string): Workspace {
  const space = new Workspace(cloud, head + body)
  spaces.push(space)
  return space
}

/** A machine as a module would make it: an image, a disk over it, a seed, a domain. */
const machine = (name: string, domain = 'wait_for_lease = true', more = '') => `
resource "libvirt_volume" "base" {
  name   = "${name}-base"
  source = "${cloud.image}"
}
resource "libvirt_volume" "disk" {
  name           = "${name}-disk"
  base_volume_id = libvirt_volume.base.id
  size           = 10737418240
}
resource "libvirt_cloudinit_disk" "seed" {
  name      = "${name}-seed"
  user_data = ${JSON.stringify(`#cloud-config\n${JSON.stringify({ users: [{ name: 'ops', ssh_authorized_keys: [publicKey] }] })}`)}
  meta_data = ${JSON.stringify(JSON.stringify({ 'local-hostname': name }))}
}
resource "libvirt_domain" "machine" {
  name      = "${name}"
  memory    = 2048
  vcpu      = 2
  cloudinit = libvirt_cloudinit_disk.seed.id
  disk {
    volume_id = libvirt_volume.disk.id
  }
  network_interface {
    network_name   = "default"
    ${domain}
  }
  ${more}
}
output "address" {
  value = libvirt_domain.machine.network_interface[0].addresses[0]
}
`

const login = (address: string, command: string) => {
  const options = ['BatchMode=yes', 'StrictHostKeyChecking=no', 'UserKnownHostsFile=/dev/null', 'LogLevel=ERROR']
  const words = ['-i', key, ...options.flatMap(option => ['-o', option]), `ops@${address}`, command]
  return execa('ssh', words, { reject: false, stdin: 'ignore' })
}

const virsh = (...args: string[]) =>
  execa('virsh', ['-c', 'qemu:///system', ...args], { env: cloud.environment, reject: false, stdin: 'ignore' })

it('a domain is a host of the lab that its seed opens, and nothing is to be changed until somebody removes it', async () => {
  const space = workspace(machine('m1'))
  expect(await space.apply()).toMatchObject({ exitCode: 0 })
  const address = await space.output('address')
  expect(address).toBe(lab.host('m1').address)
  expect((await login(address, 'hostname')).stdout).toBe('m1')
  expect(await space.run('plan', '-detailed-exitcode')).toMatchObject({ exitCode: 0 })
  const volumes = await virsh('vol-list', 'default')
  expect(volumes.stdout).toMatch(/^ Name +Path\n-+\n m1-base +\/var\/lib\/libvirt\/images\/m1-base\n/)
  expect((await virsh('list', '--all', '--name')).stdout).toBe('m1\n')
  const { stdout: found } = await virsh('domifaddr', 'm1', '--source', 'lease')
  expect(found).toMatch(new RegExp(`^ vnet0 +52:54:00:[0-9a-f:]{8} +ipv4 +${address}/24$`, 'm'))
  expect(await virsh('domifaddr', 'm1', '--source', 'agent')).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining('error: argument unsupported: QEMU guest agent is not configured'),
  })
  expect(await virsh('dominfo', 'none')).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining("error: failed to get domain 'none'"),
  })
  await lab.kill('m1')
  expect((await virsh('dominfo', 'm1')).stdout).toMatch(/^State: +shut off$/m)
  expect((await space.run('plan', '-detailed-exitcode')).said).toMatch(/updated in-place.*running\s+= false -> true/)
  await lab.remove('m1')
  expect((await space.run('plan', '-detailed-exitcode')).said).toContain('Plan: 1 to add, 0 to change, 0 to destroy')
  expect(await space.run('destroy', '-auto-approve')).toMatchObject({ exitCode: 0 })
  expect(lab.hosts).toEqual([])
  expect(await cloud.state()).toMatchObject({ domains: {}, volumes: {} })
})

it('it refuses what the real one refuses, in its words', async () => {
  const volume = (name: string, rest: string) =>
    `resource "libvirt_volume" "${name}" {\n name = "${name}"\n ${rest}\n}\n`
  const domain = (name: string, rest: string) =>
    `resource "libvirt_domain" "${name}" {\n name = "${name}"\n ${rest}\n}\n`
  const space = workspace(`
    ${volume('image', `source = "${cloud.image}"`)}
    ${volume('pool', 'pool = "nowhere"\n size = 1')}
    ${volume('small', 'base_volume_id = libvirt_volume.image.id\n size = 1000')}
    ${volume('source', 'source = "/nowhere.qcow2"')}
    ${volume('base', 'base_volume_name = "none"')}
    ${volume('both', `source = "${cloud.image}"\n size = 1`)}
    ${domain('disk', 'disk {\n volume_id = "/none"\n}')}
    ${domain('seed', 'cloudinit = "/var/lib/libvirt/images/image"')}
    ${domain('network', 'network_interface {\n network_name = "none"\n}')}
    ${domain('idle', 'vcpu = 0')}
    ${domain('first', '')}
    resource "libvirt_domain" "second" {
      name       = "first"
      depends_on = [libvirt_domain.first]
    }
    resource "libvirt_pool" "pool" {
      name = "default"
      type = "dir"
      target {
        path = "/srv"
      }
    }
  `)
  const { exitCode, said } = await space.apply()
  expect(exitCode).toBe(1)
  for (const words of [
    "can't find storage pool 'nowhere'",
    "when 'size' is specified, it shouldn't be smaller than the backing store",
    'error while determining image type for /nowhere.qcow2: open /nowhere.qcow2: no such file or directory',
    "can't retrieve base volume with name 'none'",
    "'size' can't be specified when also 'source' is given",
    "can't retrieve volume /none",
    '/var/lib/libvirt/images/image is not a valid key',
    "can't retrieve network 'none'",
    "invalid CPU count '0'",
    /domain 'first' already exists with uuid [0-9a-f-]{36}/,
    "storage pool 'default' already exists",
  ]) {
    expect(said).toMatch(words)
  }
  space.write(`${head}${domain('wrong', 'cpus = 2')}`)
  expect((await space.run('validate')).said).toContain('An argument named "cpus" is not expected here')
  space.write(head)
  expect(await space.apply()).toMatchObject({ exitCode: 0 })
})

it('a volume whose name is taken is the one that is there, as with 0.8.3', async () => {
  const first = workspace('resource "libvirt_volume" "a" {\n name = "taken"\n size = 1000\n}\n')
  const second = workspace('resource "libvirt_volume" "b" {\n name = "taken"\n size = 1000\n}\n')
  expect(await first.apply()).toMatchObject({ exitCode: 0 })
  expect(await second.apply()).toMatchObject({ exitCode: 0 })
  expect(await second.run('destroy', '-auto-approve')).toMatchObject({ exitCode: 0 })
  expect((await first.run('plan')).said).toContain('1 to add')
})

it('a lease that never comes is an error, though the machine runs and is on record', async () => {
  await cloud.behave({ on: 'domain.lease', never: true })
  const space = workspace(machine('silent', 'wait_for_lease = true', 'timeouts {\n create = "3s"\n }'))
  const { exitCode, said } = await space.apply()
  expect([exitCode, said]).toEqual([1, expect.stringContaining("couldn't retrieve IP address of domain id")])
  expect(lab.stateOf('silent')).toBe('on')
  expect((await space.run('plan')).said).toContain('libvirt_domain.machine is tainted, so it must be replaced')
  expect(await space.run('destroy', '-auto-approve')).toMatchObject({ exitCode: 0 })
  expect(lab.hosts).toEqual([])
})

it('a domain that does not start, or whose provider is killed, is left behind without a word in the state', async () => {
  const killed = /plugin|Plugin/
  for (const [rule, words] of [
    [{ on: 'cloudinit.upload', delay: 60_000 }, 'Cannot access storage file'],
    [{ on: 'domain.create', crash: 'after' }, killed],
  ] as const) {
    await cloud.behave(rule)
    const space = workspace(machine('left', '', 'running = true'))
    expect((await space.apply()).said).toMatch(words)
    await cloud.behave()
    expect((await space.run('apply', '-auto-approve')).said).toContain("domain 'left' already exists with uuid")
    if (words === killed) expect(await virsh('destroy', 'left')).toMatchObject({ exitCode: 0 })
    expect(await virsh('undefine', 'left')).toMatchObject({ exitCode: 0, stdout: "Domain 'left' has been undefined\n" })
    expect(await space.run('destroy', '-auto-approve')).toMatchObject({ exitCode: 0 })
  }
})

it('ten at once, each with its own state, leave each other alone', async () => {
  const names = Array.from({ length: 10 }, (_, number) => `p${number}`)
  const bare = (name: string) => `
    resource "libvirt_volume" "disk" {
      name = "${name}"
      size = 1000
    }
    resource "libvirt_domain" "machine" {
      name = "${name}"
      disk {
        volume_id = libvirt_volume.disk.id
      }
    }`
  const made = names.map(name => workspace(bare(name)))
  const results = await Promise.all(made.map(space => space.apply()))
  expect(results.map(result => result.exitCode)).toEqual(names.map(() => 0))
  const { domains } = await cloud.state()
  expect(
    Object.values(domains)
      .map(domain => domain.name)
      .toSorted(),
  ).toEqual(names)
  const ended = await Promise.all(made.map(space => space.run('destroy', '-auto-approve')))
  expect(ended.map(result => result.exitCode)).toEqual(names.map(() => 0))
  expect(await cloud.state()).toMatchObject({ domains: {}, volumes: {} })
})
