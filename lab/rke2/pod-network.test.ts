import { expect, it } from 'vitest'
import { bridgeNetwork, routesTo } from './pod-network.ts'

const node = (name: string, podCIDRs: string[], ...addresses: string[]) => ({
  metadata: { name },
  spec: { podCIDRs },
  status: {
    addresses: [
      ...addresses.map(address => ({ type: 'InternalIP', address })),
      { type: 'ExternalIP', address: '192.0.2.1' },
      { type: 'Hostname', address: name },
    ],
  },
})

it('leads to the pods of every other node over its own address, in each family', () => {
  const nodes = [
    node('h1', ['10.42.0.0/24'], '10.0.0.11'),
    node('h2', ['10.42.1.0/24', 'fd00:42:0:1::/64'], '10.0.0.12', 'fd00::12'),
    node('h3', ['fd00:42:0:2::/64', '10.42.2.0/24'], '10.0.0.13'),
    node('h4', [], '10.0.0.14'),
  ]
  expect(Object.fromEntries(routesTo(nodes, 'h1'))).toEqual({
    '10.42.1.0/24': '10.0.0.12',
    'fd00:42:0:1::/64': 'fd00::12',
    '10.42.2.0/24': '10.0.0.13',
  })
})

it('knows no route to a node that has told nothing of itself yet', () => {
  expect(routesTo([{ metadata: { name: 'h2' } }, {}, null], 'h1').size).toBe(0)
})

it('gives pods an address and a default route in each family of their node', () => {
  expect(bridgeNetwork(['10.42.1.0/24', 'fd00:42:0:1::/64'])).toMatchObject({
    plugins: [
      {
        type: 'bridge',
        ipam: {
          ranges: [[{ subnet: '10.42.1.0/24' }], [{ subnet: 'fd00:42:0:1::/64' }]],
          routes: [{ dst: '0.0.0.0/0' }, { dst: '::/0' }],
        },
      },
      { type: 'portmap' },
    ],
  })
})
