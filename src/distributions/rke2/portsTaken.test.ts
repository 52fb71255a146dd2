import { expect, it } from 'vitest'
import { machineFacts } from './machineFacts.fixture.ts'
import { portsTaken } from './portsTaken.ts'

const cluster = { name: 'demo', distribution: 'rke2' as const, version: 'v1.34.1+rke2r1' }
const taken = (
  role: 'master' | 'worker',
  port: number,
  addresses: string[],
  cluster_vars: Parameters<typeof portsTaken>[1]['cluster_vars'] = {},
) =>
  portsTaken(
    {
      node: { hostname: 'm1', internal_ip: '10.0.0.1', role },
      facts: machineFacts({ listening: [{ port, addresses, process: 'nginx' }] }),
    },
    { ...cluster, cluster_vars },
  ).map(({ message }) => message)

it.each(['0.0.0.0', '::', '127.0.0.1', '::1', '127.0.0.9'])(
  'a load balancer on a worker is in the way of RKE2’s own where it listens on %s',
  address => {
    expect(taken('worker', 6443, [address])).toEqual([`port 6443 is taken by nginx (${address})`])
    expect(taken('worker', 6444, [address])).toHaveLength(1)
  },
)

it('one on another address of the worker is in nobody’s way', () => {
  for (const address of ['10.0.0.1', '192.168.7.1', 'fd00::1']) expect(taken('worker', 6443, [address])).toEqual([])
  expect(taken('worker', 6443, ['192.168.7.1', '127.0.0.1'])).toHaveLength(1)
})

it('a worker’s load balancer is where lb-server-port says', () => {
  const moved = { 'lb-server-port': 7001 }
  expect(taken('worker', 6443, ['0.0.0.0'], moved)).toEqual([])
  expect(taken('worker', 7000, ['127.0.0.1'], moved)).toHaveLength(1)
  expect(taken('worker', 7001, ['127.0.0.1'], moved)).toHaveLength(1)
})

it('a server needs the ports of etcd on the loopback and on its own address, and those of its API everywhere', () => {
  for (const port of [2379, 2380, 2381]) {
    expect(taken('master', port, ['10.0.0.1']), String(port)).toHaveLength(1)
    expect(taken('master', port, ['127.0.0.1']), String(port)).toHaveLength(1)
    expect(taken('master', port, ['192.168.7.1']), String(port)).toEqual([])
    expect(taken('worker', port, ['0.0.0.0']), String(port)).toEqual([])
  }
  expect(taken('master', 2382, ['127.0.0.1'])).toHaveLength(1)
  expect(taken('master', 2382, ['10.0.0.1'])).toEqual([])
  for (const port of [6443, 9345, 10250]) expect(taken('master', port, ['192.168.7.1']), String(port)).toHaveLength(1)
})

it('nobody needs the port of a part that is turned off', () => {
  expect(taken('worker', 10256, ['0.0.0.0'])).toHaveLength(1)
  expect(taken('worker', 10256, ['0.0.0.0'], { 'disable-kube-proxy': true })).toEqual([])
  expect(taken('master', 10258, ['127.0.0.1'])).toHaveLength(1)
  expect(taken('master', 10258, ['127.0.0.1'], { 'disable-cloud-controller': true })).toEqual([])
})
