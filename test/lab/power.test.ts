import { afterAll, beforeAll, expect, test } from 'vitest'
import { Lab } from '../../lab/lab.ts'
import { until } from '../../lab/until.ts'
import { answers, on, ownName, sees, untilAnswers } from './harness.ts'

let lab: Lab
beforeAll(async () => {
  lab = await Lab.up({ name: ownName('power'), hosts: 2 })
})
afterAll(() => lab.down())

const bootOf = (host: string): Promise<string> => on(lab, host, 'cat /proc/sys/kernel/random/boot_id')

test('a killed host is gone from the network at once, and boots with its data', async () => {
  await on(lab, 'h1', 'echo kept > /root/data; systemd-run --quiet --unit=left sleep 1000')
  const before = await bootOf('h1')
  await lab.kill('h1')
  expect(lab.stateOf('h1')).toBe('off')
  expect(await answers(lab, 'h1')).toBe(false)
  expect(await sees(lab, 'h2', 'h1')).toBe(false)

  await lab.boot('h1')
  expect(lab.stateOf('h1')).toBe('on')
  expect(await on(lab, 'h1', 'cat /root/data')).toBe('kept')
  expect(await bootOf('h1')).not.toBe(before)
  expect(await on(lab, 'h1', 'systemctl is-active left || true')).toBe('inactive')
  expect(await on(lab, 'h1', 'journalctl --list-boots -q | wc -l')).toBe('2')
})

test('killing a host that is off and booting one that is on changes nothing', async () => {
  const before = await bootOf('h1')
  await lab.boot('h1')
  expect(await bootOf('h1')).toBe(before)
  await lab.kill('h1')
  await lab.kill('h1')
  await lab.boot('h1')
})

test('an address that a host took is gone after its power was', async () => {
  const address = lab.host('h1').address.replace(/\d+$/, '200')
  await on(lab, 'h1', `ip address add ${address}/24 dev eth0`)
  expect(await sees(lab, 'h2', address)).toBe(true)
  await lab.kill('h1')
  await lab.boot('h1')
  expect(await sees(lab, 'h2', address)).toBe(false)
})

test('a frozen host answers nothing and goes on where it was', async () => {
  const before = await bootOf('h1')
  await lab.freeze('h1')
  expect(lab.stateOf('h1')).toBe('frozen')
  expect(await answers(lab, 'h1')).toBe(false)
  await lab.thaw('h1')
  await untilAnswers(lab, 'h1')
  expect(await bootOf('h1')).toBe(before)
})

test('a frozen host can be killed', async () => {
  await lab.freeze('h1')
  await lab.kill('h1')
  expect(lab.stateOf('h1')).toBe('off')
  await lab.boot('h1')
})

test('reboot inside a host boots it again', async () => {
  const before = await bootOf('h2')
  await lab.ssh('h2', 'systemctl reboot')
  await until('another boot of h2', 20, async () => {
    const { stdout, exitCode } = await lab.ssh('h2', 'cat /proc/sys/kernel/random/boot_id')
    return exitCode === 0 && stdout !== before
  })
  expect(lab.stateOf('h2')).toBe('on')
})

test('poweroff inside a host leaves it off until it is switched on', async () => {
  await lab.ssh('h2', 'systemctl poweroff')
  await until('h2 to be off', 20, () => lab.stateOf('h2') === 'off')
  expect(await answers(lab, 'h2')).toBe(false)
  await Lab.up({ name: lab.name, hosts: 2 })
  await untilAnswers(lab, 'h2')
})

test('an unknown host is an error that names the known ones', async () => {
  await expect(lab.kill('h9')).rejects.toMatchObject({ exitCode: 2, remedy: 'Its hosts: h1, h2' })
  await lab.kill('h2')
  await expect(lab.freeze('h2')).rejects.toMatchObject({ remedy: expect.stringContaining('lab/lab boot') })
})
