import { execa } from 'execa'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Lab } from '../../lab/lab.ts'
import { answers, on, ownName, sees } from './harness.ts'

let lab: Lab
beforeAll(async () => {
  lab = await Lab.up({ name: ownName('jump'), hosts: 2, behindJump: true })
})
afterAll(() => lab.down())

test('hosts behind the jump host are reached through it only', async () => {
  expect(await answers(lab, 'h1')).toBe(false)
  expect(await answers(lab, 'jump')).toBe(true)
  expect(await on(lab, 'h1', 'hostname')).toBe('h1')
  expect(lab.hosts.map(host => host.name)).toEqual(['h1', 'h2'])
})

test('they see each other, and the jump host, which forwards nothing', async () => {
  expect(await sees(lab, 'h1', 'h2')).toBe(true)
  expect(await sees(lab, 'h1', lab.host('jump').address.replace(/\d+$/, '129'))).toBe(true)
  const viaJump = 'ip route replace default via $(getent hosts jump | sed "s/[0-9]* *jump/129/")'
  expect((await lab.ssh('h1', `${viaJump} && ping -q -c 1 -W 1 192.0.2.1`)).exitCode).not.toBe(0)
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
  expect(await sees(lab, 'h1', 'h2')).toBe(true)
  await lab.kill('h2')
  expect(await sees(lab, 'h1', 'h2')).toBe(false)
  await lab.boot('h2')
  expect(await sees(lab, 'h1', 'h2')).toBe(true)
})

test('ssh needs nothing but the config file', async () => {
  const { stdout } = await execa('ssh', ['-F', lab.describe().ssh_config_file, 'h2', 'hostname'])
  expect(stdout).toBe('h2')
})
