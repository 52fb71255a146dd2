import { describe, expect, it } from 'vitest'
import { combine, parseArguments, reader } from './arguments.ts'
import { agentFlags, serverFlags } from './flags.ts'

describe('the command line', () => {
  it('knows --key=value, --key value, switches and short names', () => {
    const { values } = parseArguments(['--tls-san=a', '--tls-san', 'b', '--selinux', '-d', '/data'], serverFlags)
    expect(Object.fromEntries(values)).toEqual({ 'tls-san': ['a', 'b'], selinux: ['true'], 'data-dir': ['/data'] })
  })

  it('ends on an unknown option, while one in the file is set apart', () => {
    expect(() => parseArguments(['--nonsense'], serverFlags)).toThrow('flag provided but not defined: -nonsense')
    const file = new Map([
      ['nonsense', ['1']],
      ['token', ['t']],
    ])
    const { values, unknown } = combine(file, new Map(), serverFlags)
    expect([...values.keys()]).toEqual(['token'])
    expect(unknown).toEqual(['nonsense'])
  })

  it('adds to lists of the file and replaces anything else', () => {
    const file = new Map([
      ['tls-san', ['a']],
      ['token', ['file']],
    ])
    const line = new Map([
      ['tls-san', ['b']],
      ['token', ['line']],
    ])
    expect(Object.fromEntries(combine(file, line, serverFlags).values)).toEqual({
      'tls-san': ['a', 'b'],
      token: ['line'],
    })
  })

  it('gives agents no options of servers', () => {
    expect(combine(new Map([['tls-san', ['a']]]), new Map(), agentFlags).unknown).toEqual(['tls-san'])
  })

  // Observed on RKE2's own server code (v1.34.3+rke2r1): none of these is skipped with a warning.
  const known = new Map([
    ['etcd-s3-bucket-lookup-type', ['dns']],
    ['etcd-s3-retention', ['3']],
    ['etcd-snapshot-reconcile-interval', ['10m']],
    ['node-name-from-cloud-provider-metadata', ['true']],
  ])

  it('knows the options of snapshots in S3, and the name that a cloud provider gives', () => {
    const { values, unknown } = combine(new Map([...known, ['no-such-option', ['1']]]), new Map(), serverFlags)
    expect(unknown).toEqual(['no-such-option'])
    expect(values).toEqual(known)
    const line = [...known].map(([key, [value]]) => `--${key}=${value}`)
    expect(parseArguments(line, serverFlags).values).toEqual(known)
    // Of these an agent has the name alone.
    expect(combine(known, new Map(), agentFlags).unknown).toEqual([...known.keys()].slice(0, 3))
  })

  it('refuses values of the wrong kind', () => {
    const read = reader(
      new Map([
        ['selinux', ['maybe']],
        ['lb-server-port', ['many']],
      ]),
    )
    expect(() => read.switch('selinux')).toThrow('invalid boolean value "maybe" for -selinux: parse error')
    expect(() => read.number('lb-server-port', 0)).toThrow('invalid value "many"')
  })
})
