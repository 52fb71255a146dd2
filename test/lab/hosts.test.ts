import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Lab } from '../../lab/lab.ts'
import { until } from '../../lab/until.ts'
import { on, ownName, sees } from './harness.ts'

let lab: Lab
beforeAll(async () => {
  lab = await Lab.up({ name: ownName('hosts'), hosts: ['m1', 'w1'], ipv6: true })
})
afterAll(() => lab.down())

test('a host runs systemd with nothing failed', async () => {
  expect(await on(lab, 'm1', 'systemctl is-system-running --wait')).toBe('running')
  expect(await on(lab, 'm1', 'cat /proc/1/comm')).toBe('systemd')
})

test('hosts have names, machine-ids and host keys of their own', async () => {
  const files = 'cat /etc/machine-id /etc/ssh/ssh_host_ed25519_key.pub /proc/sys/kernel/random/boot_id'
  const other = (await on(lab, 'w1', files)).split('\n')
  for (const line of (await on(lab, 'm1', files)).split('\n')) expect(other).not.toContain(line)
  expect(await on(lab, 'w1', 'hostname')).toBe('w1')
})

test('hosts see each other by name, but nothing outside of the lab', async () => {
  expect(await sees(lab, 'm1', 'w1')).toBe(true)
  expect(await sees(lab, 'm1', '192.0.2.1')).toBe(false)
  expect(await on(lab, 'm1', 'getent hosts debian.org || echo unknown')).toBe('unknown')
})

test('hosts have IPv6 addresses when asked for', async () => {
  const { address6 } = lab.host('w1')
  expect(await on(lab, 'm1', `getent ahostsv6 w1 | head -n 1`)).toContain(address6)
  expect(await on(lab, 'm1', `ping -6 -q -c 1 -W 1 ${address6} > /dev/null; echo $?`)).toBe('0')
})

test('a service of Type=notify is started when it says so, and its lines are in the journal', async () => {
  const script = 'echo before; systemd-notify --ready; echo after; exec sleep 1000'
  const started = `systemd-run --quiet --unit=said --service-type=notify -p NotifyAccess=all sh -c '${script}'`
  expect(await on(lab, 'm1', `${started} && systemctl is-active said`)).toBe('active')
  expect(await on(lab, 'm1', 'journalctl --sync; journalctl -q -o cat -u said -t sh')).toBe('before\nafter')
  await on(lab, 'm1', 'systemctl stop said')
})

// The distribution's sshd drops some of those that are not logged in yet from the eleventh on.
test('ten SSH connections at once are all answered', async () => {
  const results = await Promise.all(Array.from({ length: 10 }, () => lab.ssh('w1', 'true')))
  expect(results.filter(result => result.exitCode !== 0)).toEqual([])
})

// The distribution's own number: who opens more on one connection meets this on real machines as well.
test('one connection has ten sessions, and an eleventh is refused', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-sessions-'))
  // What ssh falls back to where a session is refused is another connection: there is to be none.
  const over = (...args: string[]) => ['-F', lab.describe().ssh_config_file, '-S', join(folder, 'way'), ...args]
  const main = execa('ssh', over('-M', '-N', 'm1'), { reject: false, stdin: 'ignore' })
  const session = () => execa('ssh', over('-o', 'ProxyCommand=false', 'm1', 'echo in; cat'), { reject: false })
  const isIn = (opened: ReturnType<typeof session>) =>
    new Promise<boolean>(resolve => {
      opened.stdout.once('data', () => resolve(true))
      opened.stdout.once('end', () => resolve(false))
    })
  await until('the connection', 10, () => Promise.resolve(existsSync(join(folder, 'way'))))
  const opened = Array.from({ length: 10 }, session)
  expect(await Promise.all(opened.map(isIn))).toEqual(opened.map(() => true))
  const refused = await session()
  for (const one of opened) one.stdin.end()
  await Promise.all(opened)
  expect((await execa('ssh', over('m1', 'true'))).exitCode).toBe(0)
  main.kill()
  await main
  rmSync(folder, { recursive: true })
  expect(refused.exitCode).toBe(255)
  expect(refused.stderr).toContain('Session open refused by peer')
})

test('the second user needs the password in the file for sudo', async () => {
  const { sudo_user, sudo_password_file } = lab.describe()
  const password = readFileSync(sudo_password_file, 'utf8').trim()
  const sudo = (word: string): string =>
    `su ${sudo_user} -c "echo ${word} | sudo -k -S -p '' id -un 2>/dev/null || echo refused"`
  expect(await on(lab, 'm1', sudo(password))).toBe('root')
  expect(await on(lab, 'm1', sudo('wrong'))).toBe('refused')
})

test('hosts find Node, which they did not install', async () => {
  expect(await on(lab, 'm1', '/opt/lab/node/bin/node -p 40+2')).toBe('42')
})

test('hosts and this machine download releases from the artifact URL', async () => {
  const { artifact_url, versions } = lab.describe()
  const url = `${artifact_url}/${encodeURIComponent(versions[0] ?? '')}/sha256sum-amd64.txt`
  const sums = await (await fetch(url)).text()
  expect(sums).toContain('rke2.linux-amd64.tar.gz')
  expect(await on(lab, 'm1', `curl -sf '${url}'`)).toBe(sums.trim())
})

test('up again with one host more adds it, and the others learn its name', async () => {
  const before = await on(lab, 'm1', 'cat /proc/sys/kernel/random/boot_id')
  await Lab.up({ name: lab.name, hosts: ['m1', 'w1', 'w2'], ipv6: true })
  expect(await sees(lab, 'm1', 'w2')).toBe(true)
  expect(await on(lab, 'm1', 'cat /proc/sys/kernel/random/boot_id')).toBe(before)
})

test('up with fewer or other hosts is refused, with the remedy', async () => {
  await expect(Lab.up({ name: lab.name, hosts: ['m1'] })).rejects.toMatchObject({
    exitCode: 2,
    remedy: expect.stringContaining('lab/lab down'),
  })
  await expect(Lab.up({ name: lab.name, hosts: ['w1', 'm1', 'w2'] })).rejects.toMatchObject({ exitCode: 2 })
})
