import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Lab } from '../../lab/lab.ts'
import { on, ownName } from './harness.ts'

let lab: Lab
beforeAll(async () => {
  lab = await Lab.up({ name: ownName('disk'), hosts: 2 })
})
afterAll(() => lab.down())

test('a full disk refuses the next block on this host only, until it is freed', async () => {
  await lab.fill('h1')
  expect((await lab.exec('h1', 'echo more > /var/lib/more')).stderr).toContain('No space left on device')
  expect((await lab.exec('h1', 'echo more > /root/more')).stderr).toContain('No space left on device')
  expect(await on(lab, 'h1', 'df --output=avail / | tail -n 1')).toMatch(/^\s*0$/)
  await on(lab, 'h2', 'echo more > /var/lib/more')
  await lab.unfill('h1')
  await on(lab, 'h1', 'echo more > /var/lib/more')
})

test('a host that is off can be filled, and still boots', async () => {
  await lab.kill('h1')
  await lab.fill('h1')
  await lab.boot('h1')
  expect((await lab.exec('h1', 'echo more > /root/more')).stderr).toContain('No space left on device')
  await lab.kill('h1')
  await lab.unfill('h1')
  await lab.boot('h1')
  await on(lab, 'h1', 'echo more > /root/more')
})

const identity = (host: string): Promise<string> =>
  on(lab, host, 'cat /etc/machine-id /etc/ssh/ssh_host_ed25519_key.pub')

test('a wiped host is another machine under the same name and address', async () => {
  await on(lab, 'h1', 'touch /root/data')
  const before = await identity('h1')
  const { address, known_hosts } = { ...lab.host('h1'), known_hosts: lab.describe().known_hosts_file }
  const knownBefore = readFileSync(known_hosts, 'utf8')
  await lab.wipe('h1')
  const after = (await identity('h1')).split('\n')
  for (const [index, line] of before.split('\n').entries()) expect(after[index]).not.toBe(line)
  expect(await on(lab, 'h1', 'ls /root; hostname')).toBe('h1')
  expect(lab.host('h1').address).toBe(address)
  expect(readFileSync(known_hosts, 'utf8')).not.toBe(knownBefore)
})

test('wiping one path leaves everything else', async () => {
  await on(lab, 'h1', 'mkdir -p /var/lib/rancher/rke2/server /var/lib/kept')
  const before = await identity('h1')
  await lab.wipe('h1', '/var/lib/rancher')
  expect(await on(lab, 'h1', 'ls -d /var/lib/rancher /var/lib/kept 2>/dev/null || true')).toBe('/var/lib/kept')
  expect(await identity('h1')).toBe(before)
})

test('wiping follows no link out of the host', async () => {
  await on(lab, 'h1', `ln -s ${lab.describe().ssh_config_file.replace(/[^/]*$/, '')} /var/lib/way-out`)
  await lab.wipe('h1', '/var/lib/way-out/known_hosts')
  expect(readFileSync(lab.describe().known_hosts_file, 'utf8')).toContain(lab.host('h1').address)
})

test('a wiped host that was off stays off', async () => {
  await lab.kill('h2')
  await lab.wipe('h2')
  expect(lab.stateOf('h2')).toBe('off')
})

test('a path that is not one is refused before the host is touched', async () => {
  for (const path of ['var/lib', '/', '/var/../etc', '']) {
    await expect(lab.wipe('h1', path)).rejects.toMatchObject({ exitCode: 2 })
  }
  expect(lab.stateOf('h1')).toBe('on')
})
