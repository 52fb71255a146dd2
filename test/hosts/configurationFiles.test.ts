import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { ask, folder, place } from './probeFolder.ts'

describe('the names of keys in a file', () => {
  const keys = (content: string, yaml = true) =>
    ask('slipway.rke2.configuration', `keys_of(${JSON.stringify(content)}, ${yaml ? 'True' : 'False'})`)

  it.each([
    ['plain', 'server: x\ntls-san:\n  - debug: y\n', ['server', 'tls-san']],
    ['indented as a whole', '  server: x\n  tls-san:\n    - y\n', ['server', 'tls-san']],
    ['of JSON', '{"server": "x", "token": "y"}', ['server', 'token']],
    ['in one line', '--- {s: x, debug: true}', ['s', 'debug']],
    [
      'quoted, added to, behind a mark of order',
      '\ufeff---\n# c\n\'kubelet-arg+\': [a]\n"token" : y\n',
      ['kubelet-arg+', 'token'],
    ],
    ['nothing', '# server: x\n', []],
    ['an empty mapping', '{}', []],
    ['no mapping', '- a\n', ['?']],
    ['what only a reader of YAML can tell', 'debug: true\n? server\n: x\n', ['debug', '?']],
    ['taken over from elsewhere', 'debug: true\n<<: *other\n', ['debug', '?']],
    ['with lists and blocks below', 'a:\n- x: [1, "]"]\nb: |\n  {[\n  text\nc: {d: 1,\n e: 2} # }\n', ['a', 'b', 'c']],
    ['with signs in text', 'a: don\'t\nb: "x # y"\nc: 5% # [\n', ['a', 'b', 'c']],
    ['of which one is wrong: a bracket', 'debug: true\ntls-san: [a, b\n', ['debug', 'tls-san', '?']],
    ['of which one is wrong: a quote', 'debug: "true\n', ['debug', '?']],
    ['of which one is wrong: a tab', 'tls-san:\n\t- a\n', ['tls-san', '?']],
    ['of which one is wrong: no blank behind the colon', 'debug:true\n', ['debug', '?']],
    ['of which one is wrong: a word alone', 'debug: true\nserver\n', ['debug', '?']],
    ['of which one is wrong: further out than the first', '  debug: true\nserver: x\n', ['debug', '?']],
    ['of another encoding', 's\0e\0r\0v\0', ['?']],
  ])('%s', (_what, content, expected) => {
    expect(keys(content)).toEqual(expected)
  })

  it('of an environment file are its variables', () => {
    expect(keys('A=b\n export C=d\n#E=f\nHTTPS_PROXY=http://x:1\n', false)).toEqual(['A', 'C', 'HTTPS_PROXY'])
  })
})

describe('a configuration file', () => {
  const path = z.object({ path: z.string(), link: z.string().nullable(), fault: z.string().nullable() })
  const described = (name: string) =>
    path.nullable().parse(ask('slipway.rke2.configuration', `config_file("${folder}/${name}", b"key")`))

  it('that is a link is followed, and where it leads is told', () => {
    const real = place('elsewhere.yaml', 'debug: true\n')
    symlinkSync(real, join(folder, 'config.yaml'))
    const shape = z.object({ link: z.string(), fault: z.null(), keys: z.array(z.string()) })
    expect(shape.parse(ask('slipway.rke2.configuration', `config_file("${folder}/config.yaml", b"key")`))).toEqual({
      link: real,
      fault: null,
      keys: ['debug'],
    })
  })

  it.each([
    ['a folder', 'folder', (at: string) => mkdirSync(at)],
    ['a pipe', 'special', (at: string) => execFileSync('mkfifo', [at])],
    ['a device', 'special', (at: string) => symlinkSync('/dev/zero', at)],
    ['a link to nowhere', 'dangling', (at: string) => symlinkSync('/nowhere/x', at)],
    ['a link to itself', 'dangling', (at: string) => symlinkSync(at, at)],
    ['more than RKE2 was ever told', 'huge', (at: string) => writeFileSync(at, `a: ${'x'.repeat(1 << 20)}\n`)],
    ['nothing', null, (at: string) => writeFileSync(at, '')],
    ['just large', null, (at: string) => writeFileSync(at, `a: ${'x'.repeat(1 << 19)}\n`)],
  ])('that is %s is told as %s, at once', (_what, fault, make) => {
    make(join(folder, 'config.yaml'))
    expect(described('config.yaml')?.fault).toBe(fault)
  })

  it('that cannot be read is told as such', () => {
    place('config.yaml', 'debug: true\n')
    const failing = ['read = lambda path, limit=0: None']
    expect(ask('slipway.rke2.configuration', `config_file("${folder}/config.yaml", b"key")["fault"]`, ...failing)).toBe(
      'unreadable',
    )
  })

  it('that is not there is none', () => {
    expect(described('config.yaml')).toBeNull()
  })

  it('beside the first one is looked at as RKE2 does: folders do not count, links to them do', () => {
    place('d/10-a.yaml', 'debug: true\n')
    mkdirSync(join(folder, 'd/20-b.yaml'))
    mkdirSync(join(folder, 'd/30-c.yml.old'))
    symlinkSync('/usr', join(folder, 'd/40-d.yaml'))
    symlinkSync('/nowhere', join(folder, 'd/50-e.yml'))
    const beside = () =>
      z
        .array(path)
        .parse(ask('slipway.rke2.configuration', `beside_config("${folder}/d", b"key")`))
        .map(file => `${file.path.slice(folder.length)} ${file.fault}`)
    expect(beside()).toEqual(['/d/10-a.yaml null', '/d/40-d.yaml folder', '/d/50-e.yml dangling'])
    rmSync(join(folder, 'd'), { recursive: true })
    place('d', 'debug: true\n')
    expect(beside()).toEqual(['/d no-folder'])
  })

  it('is ours when it begins with our mark', () => {
    const marked = (content: string) =>
      ask(
        'slipway.rke2.configuration',
        `config_file(${JSON.stringify(place('registries.yaml', content))}, b"key")["marked"]`,
      )
    expect(marked('# Written by Slipway; changes are overwritten.\nmirrors: {}\n')).toBe(true)
    expect(marked('mirrors: {}\n# Written by Slipway; changes are overwritten.\n')).toBe(false)
    expect(marked('# Written by Slipway; changes are overwritten')).toBe(false)
  })
})
