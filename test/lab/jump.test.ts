import { execa } from 'execa'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Lab } from '../../lab/lab.ts'
import { answers, on, ownName, sees, untilAnswers, untilSees } from './harness.ts'

let lab: Lab
beforeAll(async () => {
  lab = await Lab.up({ name: ownName('jump'), hosts: 2, behindJump: true })
})
afterAll(() => lab.down())

test('hosts behind the jump host are reached through it only', async () => {
  expect(await answers(lab, 'h1')).toBe(false)
  await untilAnswers(lab, 'jump')
  expect(await on(lab, 'h1', 'hostname')).toBe('h1')
  expect(lab.hosts.map(host => host.name)).toEqual(['h1', 'h2'])
})

test('they see each other, and the jump host, which forwards nothing', async () => {
  expect(await sees(lab, 'h1', 'h2')).toBe(true)
  const network = lab.host('h1').address.replace(/\d+$/, '')
  expect(await sees(lab, 'h1', `${network}129`)).toBe(true)
  const through = `ip route add 192.0.2.0/24 via ${network}129 && ping -q -c 1 -W 0.3 192.0.2.1`
  expect((await lab.ssh('h1', through)).exitCode).toBe(1)
})

test('without the jump host nobody gets in, although the hosts go on', async () => {
  const before = await on(lab, 'h1', 'cat /proc/sys/kernel/random/boot_id')
  await lab.kill('jump')
  expect((await lab.ssh('h1', 'true')).exitCode).toBe(255)
  await lab.boot('jump')
  expect(await on(lab, 'h1', 'cat /proc/sys/kernel/random/boot_id')).toBe(before)
})

test('they can be partitioned and killed like any host', async () => {
  await lab.partition('h2')
  expect(await sees(lab, 'h1', 'h2')).toBe(false)
  await lab.heal()
  await untilSees(lab, 'h1', 'h2')
  await lab.kill('h2')
  expect(await sees(lab, 'h1', 'h2')).toBe(false)
  await lab.boot('h2')
  await untilSees(lab, 'h1', 'h2')
})

test('they reach the release server under the same URL as this machine', async () => {
  const { artifact_url, versions } = lab.describe()
  const url = `${artifact_url}/${encodeURIComponent(versions[0] ?? '')}/sha256sum-amd64.txt`
  expect(await on(lab, 'h1', `curl -sf '${url}'`)).toContain('rke2.linux-amd64.tar.gz')
})

test('ssh needs nothing but the config file', async () => {
  const { stdout } = await execa('ssh', ['-F', lab.describe().ssh_config_file, 'h2', 'hostname'])
  expect(stdout).toBe('h2')
})
