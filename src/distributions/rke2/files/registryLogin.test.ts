import fc from 'fast-check'
import { faultIn } from '../spec/file/written.fixture.ts'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { registriesEntries, registriesText } from './hostFiles.ts'
import { readRegistryLogin } from '../spec/registryLogin.ts'

const password = (written: string, end = '\n') => readRegistryLogin(`username: u${end}password: ${written}${end}`)
/** What a reader of YAML 1.1, as RKE2 is, finds in registries.yaml. */
function arrived(written: string): unknown {
  const login = password(written)
  if (!login.ok) throw new Error(login.fault.message)
  const text = registriesText(registriesEntries({ configs: {} }, { 'r.example': login.value }))
  return parse(text, { version: '1.1' }).configs['r.example'].auth.password
}

describe('the password of a registry', () => {
  it.each([
    '@x',
    '*x',
    '%x',
    '`x',
    "it's: a:b",
    '- x',
    '| x',
    '|',
    '>-',
    '!bang',
    '!!str x',
    'true',
    'no',
    '12',
    '0640',

    '&x',
    '~',
    'null',
    '{a',
    '[x]',
    '? x',
    ': x',
    'a#b',
    '#x',
    ',',
    'x"y',
    "a'b'",
    'pä$$wörd😀',
    '{{ x }}',
    'a\\nb',
    'p: q',
    '%YAML 1.1',
    '<<',
    '=',
    '1e3',
    '1_000',
    '12:30',
    '2001-01-01',
    'x'.repeat(4000),
  ])('%j arrives byte for byte', written => {
    expect(arrived(written)).toBe(written)
  })

  it.each([
    [`"a b"`, 'a b'],
    [`' x '`, ' x '],
    [`'it''s'`, "it's"],
    [`"a\\"b"`, 'a"b'],
    [`"x" # a comment`, 'x'],
    [`"\\u00e4"`, 'ä'],
    [`'# x'`, '# x'],
  ])('%s is what stands in the quotes', (written, meant) => {
    expect(arrived(written)).toBe(meant)
  })

  it('is the same with the line ends of Windows and the mark before UTF-8, between comments', () => {
    const login = { ok: true, value: { username: 'u', password: '@x' } }
    expect(password('@x', '\r\n')).toEqual(login)
    expect(readRegistryLogin('\ufeff---\n# robot\npassword: @x\n\nusername:   u')).toEqual(login)
  })

  it.each([
    ['', 'empty'],
    ['""', 'empty'],
    ['x ', 'ends with blanks'],
    ['x #y', 'behind a blank'],
    ['"x', 'not closed'],
    [`'it's'`, 'not closed'],
    ['"a" b', 'not closed'],
    ['"a\\nb"', 'control character'],
    ['"\\ud800"', 'control character'],
    ['a\u2028b', 'control character'],
    ['a\tb', 'control character'],
    ['x\nsecond: y', 'line 3'],
    ['x\n  folded', 'line 3'],
    ['x\npassword: y', 'twice'],
  ])('%j is refused, and not repeated', (written, message) => {
    const read = password(written)
    expect(read.ok).toBe(false)
    if (read.ok) return
    expect(read.fault.message).toContain(message)
    if (written.trim().length > 3) expect(JSON.stringify(read.fault)).not.toContain(written.trim())
  })

  it('may be an identity token in its place, alone in its file', () => {
    const read = readRegistryLogin('# of the registry\nidentity_token: a.b-c\n')
    expect(read).toEqual({ ok: true, value: { identity_token: 'a.b-c' } })
    const logins = read.ok ? { 'r.example': read.value } : {}
    const text = registriesText(registriesEntries({ configs: {} }, logins))
    expect(parse(text, { version: '1.1' })).toEqual({ configs: { 'r.example': { auth: { identity_token: 'a.b-c' } } } })
    for (const beside of ['username: u', 'password: p', 'identity_token: x'])
      expect(readRegistryLogin(`identity_token: t\n${beside}\n`).ok).toBe(false)
  })

  it('needs its name, and nothing else', () => {
    for (const text of [
      'password: x',
      'username: x',
      '{"username":"a","password":"b"}',
      'a: b',
      'username:u\npassword:p',
    ])
      expect(readRegistryLogin(text).ok).toBe(false)
  })

  it('never throws, whatever is in the file, and is judged alike by validate', () => {
    const line = fc.string({ unit: 'binary', maxLength: 30 })
    fc.assert(
      fc.property(line, line, (one, other) => {
        const text = `username: ${one}\npassword: ${other}\n`
        const read = readRegistryLogin(text)
        const bytes = new TextEncoder().encode(text)
        if (text.isWellFormed()) expect(faultIn('registryLogin', bytes) === null).toBe(read.ok)
        const alone = !/[\r\n]/.test(other) && !/^["']/.test(other.trimStart())
        if (read.ok && alone) expect(read.value).toMatchObject({ password: other.replace(/^[ \t]+/, '') })
      }),
      { numRuns: 300 },
    )
  })
})
