import { expect, it } from 'vitest'
import { machineOfToken, machinesIn, withAddresses } from './machineToken.ts'

const known = new Map([
  ['m1', { reached: '10.0.0.1', internal: '10.0.0.1' }],
  ['m12', { reached: '203.0.113.9', internal: '10.0.0.12' }],
])

it('a token names its machine, and nothing else is one', () => {
  expect(machineOfToken('machine:m1')).toBe('m1')
  for (const other of ['10.0.0.1', 'fd00::1', 'machine:', 'machine:M1', 'machine:m1,fd00::1', 'machine:m1-'])
    expect(machineOfToken(other)).toBeNull()
})

it('addresses stand in the place of tokens, of none whose name only begins so', () => {
  expect(
    withAddresses({ url: 'https://machine:m1:6443', list: ['machine:m12', 'machine:m123', 'a machine: m1'] }, known),
  ).toEqual({ url: 'https://10.0.0.1:6443', list: ['10.0.0.12', 'machine:m123', 'a machine: m1'] })
})

it('a node has both addresses where its machine is reached elsewhere', () => {
  const nodes = [
    { hostname: 'm1', internal_ip: 'machine:m1' },
    { hostname: 'm12', internal_ip: 'machine:m12' },
    { hostname: 'own', internal_ip: 'machine:m12', external_ip: '198.51.100.1' },
  ]
  expect(withAddresses(nodes, known)).toEqual([
    { hostname: 'm1', internal_ip: '10.0.0.1' },
    { hostname: 'm12', internal_ip: '10.0.0.12', external_ip: '203.0.113.9', use_external_ip: true },
    { hostname: 'own', internal_ip: '10.0.0.12', external_ip: '198.51.100.1' },
  ])
})

it('names whose tokens stand in something', () => {
  expect(machinesIn({ b: ['machine:w2', { a: 'https://machine:m1:9345' }], c: 'machine:w2' })).toEqual(['m1', 'w2'])
  expect(machinesIn(undefined)).toEqual([])
})
