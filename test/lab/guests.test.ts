import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { Lab } from '../../lab/lab.ts'
import { hostFolder } from '../../lab/places.ts'
import { until } from '../../lab/until.ts'
import { labCli, labCommand, on, ownName, whatIsLeftOf } from './harness.ts'

/** Machines that are added to a lab and removed from it, with what cloud-init makes of their user data. */

let lab: Lab
let publicKey: string
const folder = mkdtempSync(join(tmpdir(), 'slipway-guests-'))
const key = join(folder, 'key')

beforeAll(async () => {
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key])
  publicKey = readFileSync(`${key}.pub`, 'utf8').trim()
  lab = await Lab.up({ name: ownName('guests'), hosts: 0 })
})
afterAll(async () => {
  await lab?.down()
  expect(await whatIsLeftOf(ownName('guests'))).toEqual([])
  rmSync(folder, { recursive: true })
})

const userData = (more: object = {}) =>
  `#cloud-config\n${JSON.stringify({
    users: [{ name: 'ops', shell: '/bin/bash', sudo: 'ALL=(ALL) NOPASSWD:ALL', ssh_authorized_keys: [publicKey] }],
    ...more,
  })}`

const login = (user: string, address: string, command: string) => {
  const options = ['BatchMode=yes', 'StrictHostKeyChecking=no', 'UserKnownHostsFile=/dev/null', 'LogLevel=ERROR']
  const words = ['-i', key, ...options.flatMap(option => ['-o', option]), `${user}@${address}`, command]
  return execa('ssh', words, { reject: false, stdin: 'ignore' })
}

it('a machine has the users, files and name of its user data, and has done its commands', async () => {
  const data = userData({
    hostname: 'shop-1',
    write_files: [{ path: '/etc/shop/settings', content: 'open: true\n', permissions: '0640' }],
    packages: ['qemu-guest-agent'],
    runcmd: [['cp', '/etc/shop/settings', '/run/copied']],
  })
  const added = await lab.add('m1', { userData: data })
  expect(added).toEqual({
    name: 'm1',
    address: lab.host('m1').address,
    mac: expect.stringMatching(/^02:/),
    agent: true,
  })
  const look =
    'hostname; sudo stat -c %a /etc/shop/settings; cloud-init status --wait; sudo cat /run/copied; getent hosts shop-1'
  expect((await login('ops', added.address, look)).stdout.split('\n')).toEqual([
    'shop-1',
    '640',
    expect.stringMatching(/^\.*$/),
    'status: done',
    'open: true',
    '127.0.1.1       shop-1',
  ])
  expect((await login('root', added.address, 'true')).exitCode).toBe(255)
  expect(await lab.add('m1', { userData: data })).toEqual(added)
  await expect(lab.add('m1', { userData: userData() })).rejects.toThrow('has a host m1 already')
})

it('user data that can not be read leaves a machine that nobody can log in to, with the reason in its log', async () => {
  const { address } = await lab.add('broken', { userData: '#cloud-config\nusers: [\n' })
  expect((await login('ops', address, 'true')).exitCode).toBe(255)
  expect(await on(lab, 'broken', 'cat /var/log/cloud-init.log')).toContain('Failed loading yaml blob')
})

it('machines come and go beside each other, and a lab goes on with the rest', async () => {
  const names = ['a', 'b', 'c', 'd']
  const added = await Promise.all(names.map(name => lab.add(name, { rootKeys: [publicKey] })))
  expect(new Set(added.map(each => each.address)).size).toBe(4)
  expect(await Promise.all(['a', 'b', 'x'].map(name => lab.remove(name)))).toEqual([true, true, false])
  const left = new Set(lab.hosts.map(host => host.name))
  expect(names.filter(name => left.has(name))).toEqual(['c', 'd'])
  expect(existsSync(hostFolder(lab.name, 'a'))).toBe(false)
  expect((await login('root', lab.host('c').address, 'hostname')).stdout).toBe('localhost')
  // One that is on and does not answer yet is waited for: longer than another one takes to boot.
  await lab.freeze('c')
  let isDone = false
  const again = lab.add('c', { rootKeys: [publicKey] }).then(() => {
    isDone = true
  })
  expect((await lab.add('a', { address: added[0]?.address ?? '' })).address).toBe(added[0]?.address)
  expect(isDone).toBe(false)
  await lab.thaw('c')
  await again
})

it('a machine that is added again after a kill is whole, whenever that came', async () => {
  const file = join(folder, 'user-data')
  writeFileSync(file, userData())
  const left = join(hostFolder(lab.name, 'killed'), 'seed')
  mkdirSync(left, { recursive: true })
  writeFileSync(join(left, 'password'), 'of a machine that was being removed')
  for (const line of ['seed/guest.json', 'disk']) {
    const adding = spawn(labCommand, ['add', lab.name, 'killed', '--user-data', file], {
      detached: true,
      stdio: 'ignore',
    })
    const ended = once(adding, 'exit')
    await until(`${line} to be there`, 20, () => existsSync(join(hostFolder(lab.name, 'killed'), line)))
    process.kill(-(adding.pid ?? 0), 'SIGKILL')
    await ended
    const { address } = await lab.add('killed', { userData: userData() })
    expect((await login('ops', address, 'sudo -n id -u')).stdout).toBe('0')
    await lab.remove('killed')
  }
})

it('the command adds by a key alone, is content with what there is not, and refuses what it can not do', async () => {
  const { stdout } = await labCli('add', lab.name, 'plain', '--user', 'ops', '--public-key', `${key}.pub`)
  const { address } = JSON.parse(stdout)
  expect((await login('ops', address, 'hostname; sudo -n id -u')).stdout).toBe('plain\n0')
  expect(await labCli('remove', lab.name, 'plain')).toMatchObject({ exitCode: 0, stderr: '' })
  expect(await labCli('remove', lab.name, 'plain')).toMatchObject({
    exitCode: 0,
    stderr: `[lab] lab ${lab.name} has no host plain: nothing to do`,
  })
  for (const wrong of [
    ['add', lab.name, 'plain', '--address', '10.1.2.3'],
    ['add', lab.name, 'No Name'],
    ['add', lab.name, 'plain', '--user-data', '/nowhere'],
    ['add', ownName('none'), 'plain'],
  ]) {
    expect([wrong, (await labCli(...wrong)).exitCode]).toEqual([wrong, 2])
  }
})
