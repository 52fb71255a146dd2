import { afterAll, beforeAll, expect, it } from 'vitest'
import { until } from '../../lab/until.ts'
import { condition, Rke2Hosts } from './hosts.ts'

// Observed on RKE2's own server code, v1.34.3+rke2r1: KillMode=process, so that what runs in containers outlives the
// service; the main process is a program named rke2. One story on one host, told in order.

let hosts: Rke2Hosts
const running = () =>
  hosts.run(
    'h1',
    'cat /proc/[0-9]*/comm 2>/dev/null | grep -E "^(etcd|kube-|kwok)" | sort; ip link | grep -o cali0 || true',
  )
/** systemd starts, and the kernel ends, what it was told to a moment after it has said so. */
const soon = { timeout: 10_000 }
const exe = '/proc/$(systemctl show -p MainPID --value rke2-server)/exe'

beforeAll(async () => {
  hosts = await Rke2Hosts.up(`lab-rke2-outliving-${process.pid}`, 1)
  await hosts.install('h1')
  await hosts.start('h1', 'server', { token: 'the-token' })
})
afterAll(() => hosts[Symbol.asyncDispose]())

it('a service is a program named rke2 that tells its version', async () => {
  expect(await hosts.run('h1', `readlink ${exe}`)).toBe('/usr/local/bin/rke2')
  expect(await hosts.run('h1', `${exe} --version`)).toMatch(
    /^rke2 version v1\.34\.1\+rke2r1 \([0-9a-f]{40}\)\ngo version/,
  )
})

it('a server that is stopped goes on in etcd and its API, and a start takes both up', async () => {
  const etcd = await hosts.run('h1', 'pgrep -x etcd')
  await hosts.run('h1', 'systemctl stop rke2-server')
  await expect.poll(running, soon).toBe('etcd\nkube-apiserver\nkube-controller\nkube-proxy\nkube-scheduler\ncali0')
  expect(await hosts.kubectl('h1', 'get node -o name')).toBe('node/h1')
  await hosts.run('h1', 'systemctl start --no-block rke2-server')
  await hosts.untilActive('h1', 'server')
  expect(await hosts.run('h1', 'pgrep -x etcd')).toBe(etcd)
  await hosts.untilNode('h1', 'h1', condition('Ready'), 'True')
})

it('a main process that is killed takes its kubelet with it and nothing else, and comes back', async () => {
  const [etcd, kwok] = await Promise.all(['etcd', 'kwok'].map(name => hosts.run('h1', `pgrep -x ${name}`)))
  const main = await hosts.run('h1', 'systemctl show -p MainPID --value rke2-server')
  await hosts.run('h1', `kill -9 ${main}`)
  await until('another kubelet', 60, async () => {
    const { stdout } = await hosts.lab.exec('h1', 'pgrep -x kwok')
    return stdout.trim() !== '' && stdout.trim() !== kwok
  })
  expect(await hosts.run('h1', 'pgrep -x etcd')).toBe(etcd)
  await hosts.untilActive('h1', 'server')
})

it('another option starts what it is for anew, and leaves the rest', async () => {
  const pids = () => hosts.run('h1', 'pgrep -x etcd; pgrep -x kube-apiserver')
  const [etcd, api] = (await pids()).split('\n')
  await hosts.configure('h1', { token: 'the-token', 'kube-apiserver-arg': ['v=1'] })
  await hosts.restart('h1', 'server')
  const after = (await pids()).split('\n')
  expect(after[0]).toBe(etcd)
  expect(after[1]).not.toBe(api)
})

it('a running release tells its own version after its file was replaced, and rke2-killall.sh ends everything', async () => {
  await hosts.install('h1', 'v1.34.2+rke2r1')
  expect(await hosts.run('h1', `${exe} --version`)).toContain('rke2 version v1.34.1+rke2r1 (')
  expect(await hosts.run('h1', 'rke2 --version')).toContain('rke2 version v1.34.2+rke2r1 (')
  await hosts.run('h1', 'rke2-killall.sh')
  await expect.poll(running, soon).toBe('')
})
