import { createHash } from 'node:crypto'
import { execa } from 'execa'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { Lab } from '../../lab/lab.ts'
import { until } from '../../lab/until.ts'
import { answers, connects, on, ownName, sees, untilAnswers, untilSees } from './harness.ts'

let lab: Lab
beforeAll(async () => {
  lab = await Lab.up({ name: ownName('network'), hosts: 3 })
})
afterEach(() => lab.heal())
afterAll(() => lab.down())

test('a partitioned host is reached by nobody, and by all when healed', async () => {
  await lab.partition('h1')
  expect(await answers(lab, 'h1')).toBe(false)
  expect(await sees(lab, 'h2', 'h1')).toBe(false)
  expect(await sees(lab, 'h2', 'h3')).toBe(true)
  await lab.heal()
  await untilAnswers(lab, 'h1')
  await untilSees(lab, 'h2', 'h1')
})

test('the first connection after heal is taken, whoever has asked for the host in vain meanwhile', async () => {
  await lab.partition('h1')
  const { address } = lab.host('h1')
  const inVain = `ip neigh flush to ${address}; timeout 5 bash -c ': 3<>/dev/tcp/${address}/22' || true`
  const asking = [execa('bash', ['-c', inVain], { stdio: 'ignore' }), on(lab, 'h2', inVain)]
  // The kernel counts from 3, asks each second, and gives up a second after 6: just before that the host is back.
  const lastTry = /probes 6 INCOMPLETE/
  const neighbour = ['-s', 'neigh', 'show', 'to', address]
  await until('the kernel to ask for the last time', 5, async () => lastTry.test((await execa('ip', neighbour)).stdout))
  expect(await on(lab, 'h2', `ip ${neighbour.join(' ')}`)).toMatch(/INCOMPLETE|FAILED/)
  await lab.heal()
  expect((await lab.ssh('h1', 'true')).stderr).toBe('')
  expect(await connects(lab, 'h2', 'h1')).toBe(true)
  await Promise.all(asking)
})

test('hosts of one partition still see each other', async () => {
  await lab.partition('h1', 'h2')
  expect(await connects(lab, 'h1', 'h2')).toBe(true)
  expect(await connects(lab, 'h1', 'h3')).toBe(false)
})

test('a host that is partitioned while it is off is still partitioned when it boots', async () => {
  await lab.kill('h1')
  await lab.partition('h1')
  await lab.boot('h1')
  expect(await answers(lab, 'h1')).toBe(false)
  await lab.heal()
  await untilAnswers(lab, 'h1')
})

test('a connection that was open before a partition goes on after it', async () => {
  const reader = execa('ssh', ['-F', lab.describe().ssh_config_file, 'h1', 'read line; echo "got $line"'])
  await on(lab, 'h1', 'until pgrep -f "read line" > /dev/null; do :; done')
  await lab.partition('h1')
  reader.stdin.end('words\n')
  expect(await answers(lab, 'h1')).toBe(false)
  await lab.heal('h1')
  expect((await reader).stdout).toBe('got words')
})

test('a slow host takes its time in both directions', async () => {
  const bytes = 40_000
  const seconds = async (command: string): Promise<number> => {
    const started = performance.now()
    await execa('ssh', ['-F', lab.describe().ssh_config_file, 'h1', command], { input: '.'.repeat(bytes) })
    return (performance.now() - started) / 1000
  }
  const download = (size: number): string => `head -c ${size} /dev/zero`
  await lab.slow('h1', 256)
  // 320,000 bits at 256 kbit/s are 1.25 s; the first 8 KB pass at once.
  expect(await seconds(download(bytes))).toBeGreaterThan(0.9)
  expect(await seconds('cat > /dev/null')).toBeGreaterThan(0.9)
  await lab.heal('h1')
  // Still slow, it would be 12.5 s.
  expect(await seconds(download(10 * bytes))).toBeLessThan(6)
})

test('latency is added in each direction, loses nothing large, and survives a reboot', async () => {
  const { address } = lab.host('h2')
  const roundTrip = async (): Promise<number> => {
    const line = await on(lab, 'h1', `ping -q -c 3 -i 0.2 ${address} | grep ^rtt`)
    return Number(/= ([0-9.]+)\//.exec(line)?.[1])
  }
  await untilSees(lab, 'h1', 'h2')
  expect(await roundTrip()).toBeLessThan(40)
  await lab.latency('h2', 40)
  expect(await roundTrip()).toBeGreaterThan(80)
  const input = Buffer.alloc(1_000_000, 'large')
  const sent = await execa('ssh', ['-F', lab.describe().ssh_config_file, 'h2', 'tee /root/got | md5sum'], { input })
  expect(sent.stdout).toContain(createHash('md5').update(input).digest('hex'))
  expect(await on(lab, 'h2', 'md5sum < /root/got')).toBe(sent.stdout)

  await lab.kill('h2')
  expect(lab.stateOf('h2')).toBe('off')
  await lab.boot('h2')
  await untilSees(lab, 'h1', 'h2')
  expect(await roundTrip()).toBeGreaterThan(80)
  await lab.heal('h2')
  await untilSees(lab, 'h1', 'h2')
  expect(await roundTrip()).toBeLessThan(40)
})

test('a host with latency can be partitioned, and power itself off', async () => {
  await lab.latency('h2', 20)
  await lab.partition('h2')
  expect(await answers(lab, 'h2')).toBe(false)
  await lab.heal()
  await untilAnswers(lab, 'h2')
  await lab.latency('h2', 20)
  await untilAnswers(lab, 'h2')
  await lab.ssh('h2', 'systemctl poweroff')
  await until('h2 to be off', 20, () => lab.stateOf('h2') === 'off')
  await lab.boot('h2')
})

test('a bandwidth that is none is refused', () => {
  expect(() => lab.slow('h1', 0)).toThrow('0 kbit/s')
})
