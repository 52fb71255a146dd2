import { describe, expect, it } from 'vitest'
import { combine, parseArguments, reader } from './arguments.ts'
import { agentFlags, serverFlags } from './flags.ts'
import { checkCni, checkLabel, checkTaint, checkUrl } from './setting-rules.ts'

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

describe('values that RKE2 refuses', () => {
  it('labels in the domains of Kubernetes that a kubelet may not set', () => {
    expect(() => checkLabel('node-role.kubernetes.io/worker=true')).toThrow(
      "unknown 'kubernetes.io' or 'k8s.io' labels",
    )
    expect(() => checkLabel('node.kubernetes.io/pool=a')).not.toThrow()
    expect(() => checkLabel('topology.kubernetes.io/zone=b')).not.toThrow()
    expect(() => checkLabel('example.com/pool=a')).not.toThrow()
    expect(() => checkLabel('pool')).not.toThrow()
    expect(() => checkLabel('not a label')).toThrow('invalid node label')
  })

  it('taints without a known effect, servers without https, networks that do not exist', () => {
    expect(() => checkTaint('a=b:NoSchedule')).not.toThrow()
    expect(() => checkTaint('a:NoExecute')).not.toThrow()
    expect(() => checkTaint('a=b')).toThrow('invalid taint spec')
    expect(() => checkUrl('http://a:9345')).toThrow('only https:// URLs are supported')
    expect(() => checkCni(['weave'])).toThrow('Invalid value weave for --cni flag')
    expect(() => checkCni(['multus'])).toThrow('multus must be used alongside')
    expect(() => checkCni(['multus', 'cilium'])).not.toThrow()
  })
})
