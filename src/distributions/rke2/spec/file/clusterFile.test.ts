import fc from 'fast-check'
import { readRke2File } from './written.fixture.ts'
import { describe, expect, it } from 'vitest'

const bytes = (text: string) => new TextEncoder().encode(text)
const read = (text: string) => readRke2File(bytes(text), 'c.yaml')

/** Findings as `line:column path name`, so that a test reads like the screen. */
function found(text: string | Uint8Array): string[] {
  const reading = typeof text === 'string' ? read(text) : readRke2File(text, 'c.yaml')
  const findings = reading.ok ? reading.warnings : reading.findings
  return findings.map(({ place, name }) => `${place?.line}:${place?.column} ${place?.path} ${name}`)
}

function messages(text: string): string {
  const reading = read(text)
  return reading.ok ? '' : reading.findings.map(finding => `${finding.message} ${finding.remedy}`).join('\n')
}

const head = `apiVersion: slipway/v1
kind: Cluster
metadata: { name: demo }
spec:
  distribution: rke2
  version: v1.34.1+rke2r1
`
const good = `${head}  nodes:
    - { hostname: m1, internal_ip: 10.0.0.11, role: initial_master }
    - { hostname: w1, internal_ip: 10.0.0.14, role: worker }
`
/** No throw, and every finding has a place that an editor can jump to. */
function isPlaced(data: Uint8Array): boolean {
  const reading = readRke2File(data, 'c.yaml')
  return (
    reading.ok || reading.findings.every(({ place }) => place !== undefined && place.line >= 1 && place.column >= 1)
  )
}
const vars = (text: string) => messages(good.replace('  nodes:', `  cluster_vars: ${text}\n  nodes:`))
const withNode = (node: string) => `${good}    - ${node}\n`

describe('a right file', () => {
  it('becomes desired state without findings', () => {
    const reading = read(good)
    expect(reading.ok && reading.file.spec.nodes.map(node => node.hostname)).toEqual(['m1', 'w1'])
    expect(reading.ok && reading.warnings).toEqual([])
  })

  it('may begin with a UTF-8 mark, and use Windows line ends', () => {
    const reading = read(`\ufeff${good.replaceAll('\n', '\r\n')}`)
    expect(reading.ok && reading.file.metadata.name).toBe('demo')
  })

  it('may repeat settings by an anchor', () => {
    const reading = read(`${head}  nodes:
    - { hostname: m1, internal_ip: 10.0.0.11, role: initial_master, ssh: &login { user: ops, port: 2222 } }
    - { hostname: w1, internal_ip: 10.0.0.14, role: worker, ssh: *login }
`)
    expect(reading.ok && reading.file.spec.nodes[1]?.ssh).toEqual({ user: 'ops', port: 2222 })
  })

  it('warns about an even number of servers by a name that can be accepted', () => {
    expect(found(withNode('{ hostname: m2, internal_ip: 10.0.0.12, role: master }'))).toEqual([
      '8:5 spec.nodes even-servers',
    ])
  })

  const withProxy = (text: string) => good.replace('  nodes:', `  proxy: ${text}\n  nodes:`)
  const proxyUrl = 'https_proxy: http://proxy.example.org:3128'
  it.each([
    `{ ${proxyUrl}, no_proxy: [10.0.0.11] }`,
    `{ ${proxyUrl}, no_proxy: [.example.org, 10.0.0.0/24] }`,
    `{ ${proxyUrl}, no_proxy: ["*"] }`,
    '{ no_proxy: [] }',
    '{}',
  ])('has nothing against the proxy %s', text => {
    expect(found(withProxy(text))).toEqual([])
  })

  it.each(['10.0.0.14', '10.0.1.0/24', 'm1', '10.0.0.11:443', '::/0'])(
    'warns that no_proxy with %s leaves the servers behind the proxy, and says what to write',
    exception => {
      const reading = read(withProxy(`{ ${proxyUrl}, no_proxy: ["${exception}"] }`))
      const [warning] = reading.ok ? reading.warnings : []
      expect(warning).toMatchObject({ name: 'no-proxy-incomplete', about: 'c.yaml:7:10 spec.proxy' })
      expect(warning?.message).toContain('does not cover 10.0.0.11:')
      expect(warning?.remedy).toContain(`no_proxy: [${exception}, 10.0.0.11]`)
    },
  )
})

describe('a wrong file', () => {
  it('gets all its findings at once, in the order of the lines', () => {
    const text = `apiVersion: slipway/v1
kind: Clustr
metadata: { name: demo }
spec:
  distribution: rke2
  version: 1.34.1
  ssh: { user: root, port: 99999, sdo: true }
  nodes:
    - { hostname: m1, internal_ip: 10.0.0.11, role: initial_master }
    - { hostname: m1, internal_ip: 10.0.0.300, role: mastr }
    - { hostname: 12, role: worker }
`
    expect(found(text)).toEqual([
      '2:7 kind unknown-value',
      '6:12 spec.version bad-value',
      '7:28 spec.ssh.port out-of-range',
      '7:35 spec.ssh.sdo unknown-key',
      '10:19 spec.nodes[1].hostname duplicate-hostname',
      '10:36 spec.nodes[1].internal_ip bad-value',
      '10:54 spec.nodes[1].role unknown-value',
      '11:7 spec.nodes[2].internal_ip missing-key',
      '11:19 spec.nodes[2].hostname wrong-type',
    ])
    expect(messages(text)).toContain('did you mean Cluster?')
    expect(messages(text)).toContain('unknown key "sdo"; did you mean sudo? Allowed here: user, port, key_file')
    expect(messages(text)).toContain('Allowed: initial_master, master, worker.')
    expect(messages(text)).toContain('Put it in quotes: "12".')
  })

  it('names a missing initial master, and a second one', () => {
    expect(found(good.replace('initial_master', 'master'))).toEqual(['8:5 spec.nodes no-initial-master'])
    expect(found(withNode('{ hostname: m2, internal_ip: 10.0.0.12, role: initial_master }'))).toContain(
      '10:53 spec.nodes[2].role two-initial-masters',
    )
  })

  it('sees one address in two spellings', () => {
    const text = `${head}  nodes:
    - { hostname: m1, internal_ip: "fd00::1", role: initial_master }
    - { hostname: w1, internal_ip: "fd00:0:0:0:0:0:0:1", role: worker }
`
    expect(found(text)).toEqual(['9:36 spec.nodes[1].internal_ip duplicate-address'])
  })

  it('does not complain about the initial master where a role is misspelt', () => {
    expect(found(good.replace('initial_master', 'inital_master'))).toEqual(['8:53 spec.nodes[0].role unknown-value'])
  })

  it.each([
    ['a line break', '"a\\nb"'],
    ['a quote', `"a'b"`],
    ['a template marker', '"{{ x }}"'],
    ['a space', '"a b"'],
    ['a control character', '"a\\u0007"'],
    ['a lone surrogate', '"a\\ud800"'],
    ['a zero', '"a\\0"'],
    ['an upper-case letter', 'Web'],
    ['a reserved name', 'localhost'],
  ])('refuses a hostname with %s', (_, hostname) => {
    const places = found(withNode(`{ hostname: ${hostname}, internal_ip: 10.0.0.15, role: worker }`))
    expect(places).toHaveLength(1)
    expect(places[0]).toMatch(/^10:19 spec\.nodes\[2\]\.hostname (bad-value|control-character)$/)
  })

  it.each(['"{{ lookup() }}"', '"a\\nb"', '"{% raw %}"'])('refuses the variable value %s', value => {
    const text = good.replace('  nodes:', `  cluster_vars: { extra: { some-key: ${value} } }\n  nodes:`)
    expect(found(text)[0]).toMatch(/^7:38 spec\.cluster_vars\.extra\.some-key /)
  })

  it('says how to set a key of RKE2 that is not known, and which ones are not to be set', () => {
    expect(vars('{ brand-new-key: 1 }')).toContain('goes under `extra`')
    expect(vars('{ token: abc }')).toContain('spec.token_file')
    expect(vars('{ extra: { server: "https://x" } }')).toContain('set by Slipway itself')
    expect(vars('{ disabel: [] }')).toContain('did you mean disable?')
  })

  it('cuts a flood of findings and counts the rest', () => {
    const keys = Array.from({ length: 500 }, (_, index) => `key${index}: 1`).join(', ')
    const places = found(`${good}  extra: { ${keys} }\n${'x: 1\n'}`)
    expect(places.length).toBeLessThanOrEqual(51)
    const many = `${head}  nodes:\n${Array.from({ length: 500 }, () => '    - {}\n').join('')}`
    expect(found(many)).toHaveLength(51)
    expect(messages(many)).toContain(`and ${500 * 3 - 50} more below`)
  })
})

describe('what is no cluster file at all', () => {
  it.each([
    ['an empty file', '', '1:1  empty-file'],
    ['only a comment', '# nothing\n', '1:1  empty-file'],
    ['a list', '- 1\n', '1:1  no-cluster-file'],
    ['tabs', 'spec:\n\tnodes: []\n', '2:1  yaml-syntax'],
    ['an open quote', 'kind: "Cluster\n', '1:7  yaml-syntax'],
    ['two documents', `${good}---\n${good}`, '10:4  several-documents'],
    ['a key twice', `${good}kind: Cluster\n`, '10:1 kind duplicate-key'],
    ['a merge key', `${good}<<: { a: 1 }\n`, '10:1  yaml-merge'],
    ['a prototype key', `${good}__proto__: { a: 1 }\n`, '10:1  reserved-key'],
    ['a key that is no text', `${good}1: 2\n`, '10:1  yaml-key'],
    ['a key that is a list', `${good}? [a]\n: 2\n`, '10:3  yaml-key'],
    ['a tag', good.replace('kind: Cluster', 'kind: !!str Cluster'), '2:13 kind yaml-tag'],
    ['a directive', `%YAML 1.1\n---\n${good}`, '1:1  yaml-directive'],
    ['an unknown alias', `${good}x: *y\n`, '10:4 x yaml-alias'],
    ['deep nesting', '['.repeat(100_000), '1:25  too-deep'],
    ['deep block nesting', '- '.repeat(100_000), '1:48  too-deep'],
  ])('refuses %s', (_, text, place) => {
    expect(found(text)).toContain(place)
  })

  it('refuses aliases that would explode, quickly', () => {
    const levels = Array.from({ length: 30 }, (_, level) =>
      level === 0 ? 'x0: &a0 [1,1,1,1,1,1,1,1,1]' : `x${level}: &a${level} [${`*a${level - 1},`.repeat(9)}]`,
    )
    const begin = performance.now()
    expect(found(['kind: Cluster', ...levels].join('\n'))[0]).toMatch(/yaml-alias$/)
    expect(performance.now() - begin).toBeLessThan(2000)
  })

  it('refuses many aliases of one big value', () => {
    const text = `kind: Cluster\nbig: &big [${'1,'.repeat(20_000)}]\nuses: [${'*big,'.repeat(199)}]\n`
    expect(found(text).join()).toContain('too-many-values')
  })

  it.each([
    ['UTF-16 with a mark', Buffer.from(`\ufeff${good}`, 'utf16le')],
    ['UTF-16 without a mark', Buffer.from(good, 'utf16le')],
    ['big-endian UTF-16', Buffer.from(`\ufeff${good}`, 'utf16le').swap16()],
    ['Latin-1', Buffer.from(good.replace('demo', 'd\u00e9mo'), 'latin1')],
    ['a binary file', Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0, 0xff, 0xfe, 0, 0])],
  ])('refuses %s by name of the encoding', (_, data) => {
    expect(found(data).join()).toContain('wrong-encoding')
  })

  it('says on which line Latin-1 begins', () => {
    expect(found(Buffer.from(good.replace('demo', 'd\u00e9mo'), 'latin1'))).toEqual(['3:20  wrong-encoding'])
  })

  it('refuses a NUL byte and a file over 1 MiB', () => {
    expect(found(good.replace('demo', 'de\0mo'))).toEqual(['3:21  nul-byte'])
    expect(found(`${good}# ${'x'.repeat(1024 * 1024)}`)).toEqual(['1:1  file-too-large'])
  })

  it.each([
    ['keys', ['kind: 1', ...Array.from({ length: 40_000 }, (_, index) => `k${index}: 1`)].join('\n')],
    ['foreign keys', Array.from({ length: 40_000 }, (_, index) => `k${index}: 1`).join('\n')],
    ['empty lines', '\n'.repeat(1_000_000)],
    ['lines of users', 'a:b:1:1:\n'.repeat(100_000)],
    ['comments', '# x\n'.repeat(250_000)],
    ['commas', `[${','.repeat(1_000_000)}`],
    ['quotes', '"'.repeat(1_000_000)],
    ['question marks', '? '.repeat(500_000)],
    ['anchors', '&a '.repeat(300_000)],
    ['documents', '---\n'.repeat(250_000)],
  ])('answers within seconds to a megabyte of %s', (_, text) => {
    // Its own time: what else the machine does is not the reader's fault. µs.
    const before = process.threadCpuUsage()
    expect(read(text).ok).toBe(false)
    const { user, system } = process.threadCpuUsage(before)
    expect(user + system).toBeLessThan(8_000_000)
  })
})

describe('hostile input', () => {
  it('never throws on any bytes, and always says where', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), isPlaced), { numRuns: 500 })
  })

  it('never throws on YAML-like text', () => {
    const signs =
      '- |: |? |\n|  |{|}|[|]|,|&a |*a|"|\'|>|!t |---\n|%|#|\t|<<|nodes|spec|hostname|role|null|1|.nan|\u2028|\ufeff'
    const sign = fc.constantFrom('|\n', ...signs.split('|'))
    const text = fc.array(sign, { maxLength: 60 }).map(parts => bytes(parts.join('')))
    fc.assert(fc.property(text, isPlaced), { numRuns: 1500 })
  })

  it('never throws when any value of a right file is replaced by any other, and never takes what the schema refuses', () => {
    const anything = fc.oneof(fc.string({ unit: 'binary' }), fc.jsonValue(), fc.double(), fc.bigInt().map(String))
    const spot = fc.constantFrom('demo', 'rke2', 'm1', '10.0.0.11', 'initial_master', 'v1.34.1+rke2r1')
    fc.assert(
      fc.property(spot, anything, (word, value) => {
        const reading = read(good.replace(word, JSON.stringify(value) ?? 'null'))
        if (reading.ok) expect(JSON.stringify(reading.file)).not.toMatch(/\\u00|\\n|\{\{/)
        else expect(reading.findings.length).toBeGreaterThan(0)
      }),
      { numRuns: 1000 },
    )
  })

  it('never throws when bytes of a right file are changed', () => {
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.nat(255), fc.nat(40), (at, byte, cut) => {
        const data = bytes(good).slice(0, good.length - cut)
        if (at < data.length) data[at] = byte
        return isPlaced(data)
      }),
      { numRuns: 1500 },
    )
  })
})
