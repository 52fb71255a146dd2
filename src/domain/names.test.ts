import { describe, expect, it } from 'vitest'
import { clusterName, hostname, ipAddress, loginName, machineAddress, nodeAddress } from './names.ts'

const hostile = [
  '',
  ' ',
  'a b',
  'a\n',
  '\na',
  'a"',
  "a'",
  '{{ a }}',
  'a:b',
  '-a',
  'a-',
  'A',
  'ä',
  'a_b',
  'a/b',
  '../a',
  'a#b',
  'a=b',
  'a\u0000',
  '$(a)',
  'a;b',
  'a,b',
  '[a]',
  '*',
  '!a',
  '~a',
  'a'.repeat(64),
]

describe('names', () => {
  it.each(hostile)('a hostname or cluster cannot be %j', text => {
    expect(hostname.safeParse(text).success).toBe(false)
    expect(clusterName.safeParse(text).success).toBe(false)
  })

  it.each(['w1', 'w10', 'node-1.example.org', '0a', 'a'.repeat(63)])('a hostname can be %j', text => {
    expect(hostname.safeParse(text).success).toBe(true)
  })

  it.each(['all', 'ungrouped', 'localhost', 'masters', 'workers', 'initial_master', 'rke2_cluster'])(
    'a hostname that Ansible would take for a group or for itself is refused: %s',
    text => {
      expect(hostname.safeParse(text).success).toBe(false)
    },
  )

  it.each(['10.0.0.1', '::1', 'fd00::1'])('an address can be %j', text =>
    expect(ipAddress.safeParse(text).success).toBe(true),
  )
  it.each(['10.0.0', '10.0.0.256', '10.0.0.1/24', 'fe80::1%eth0', '010.0.0.1', 'host', '10.0.0.1\n'])(
    'an address cannot be %j',
    text => expect(ipAddress.safeParse(text).success).toBe(false),
  )
  it.each(['0.0.0.0', '224.0.0.1', '255.255.255.255', '::', 'ff02::1', '::ffff:10.0.0.1', '0:0:0:0:0:ffff:a00:1'])(
    'a machine cannot have the address %j',
    text => {
      expect(machineAddress.safeParse(text).success).toBe(false)
      expect(nodeAddress.safeParse(text).success).toBe(false)
    },
  )
  it.each(['127.0.0.1', '127.1.2.3', '::1'])('a machine may be reached at %j, but not by other nodes', text => {
    expect(machineAddress.safeParse(text).success).toBe(true)
    expect(nodeAddress.safeParse(text).success).toBe(false)
  })
  it.each(['169.254.0.1', '169.254.255.254', 'fe80::1', 'febf::1'])('a kubelet takes no %j: it is link-local', text => {
    expect(machineAddress.safeParse(text).success).toBe(true)
    expect(nodeAddress.safeParse(text).success).toBe(false)
  })
  it.each(['10.0.0.1', '223.255.255.255', '169.253.0.1', 'fd00::1', 'fec0::1', '::10.0.0.1'])(
    'a node can have %j',
    text => {
      expect(nodeAddress.safeParse(text).success).toBe(true)
    },
  )
  it('what is no address is one finding', () => {
    expect(nodeAddress.safeParse('host').error?.issues).toHaveLength(1)
  })
  it.each([
    'root',
    '_svc',
    'admin-1',
    'Root',
    'jane.doe',
    'user@corp.example',
    'CORP\\jane',
    'corp.example\\j.doe',
    'host$',
    '1000',
    'a+b',
  ])('a login name can be %j', text => expect(loginName.safeParse(text).success).toBe(true))
  it.each([
    'a b',
    '-x',
    'a;b',
    '$(id)',
    '',
    'a\n',
    'a\tb',
    '@corp',
    'a@',
    'a@b@c',
    'a\\',
    '\\a',
    '\\\\a',
    'a%h',
    "a'",
    'a"b',
    'a#b',
    '{{ x }}',
    'a'.repeat(257),
  ])('a login name cannot be %j', text => expect(loginName.safeParse(text).success).toBe(false))
})
