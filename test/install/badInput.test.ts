import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chown, mkdir, mkdtemp, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { run } from './harness.ts'

/**
 * What `slipway apply` answers to a cluster file that is wrong, hostile or no cluster file at all: where, what, what to
 * do, exit code 2, soon, and nothing on record.
 */

const slipwayCommand = resolve(import.meta.dirname, '../../bin/slipway')
const canary = 'canary-2b9e51d07c3f48a6'
/** User and system time of a whole command, s. Not by the clock: other tests may keep this machine busy. */
const mostProcessorTime = 2

let folder: string
let home: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipway-bad-input-'))
  home = join(folder, 'home')
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, 'id')])
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', 'open sesame', '-f', join(folder, 'locked')])
  await mkdir(join(folder, 'a-folder'))
  await writeFile(join(folder, 'empty'), '')
  await writeFile(join(folder, 'no-key'), `${canary}\n`, { mode: 0o600 })
  await writeFile(join(folder, 'two-lines'), `${canary}\n${canary}\n`, { mode: 0o600 })
  await symlink('circle', join(folder, 'circle'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

interface Answer {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
  /** s */
  readonly processorTime: number
}

/** Runs `slipway apply` as a user does; bash, which starts it, says what processor time it took. */
async function apply(file: string): Promise<Answer> {
  const times = join(folder, 'times')
  const script = 'cd "$1"; "$2" apply -f "$3" --yes; code=$?; times > "$4"; exit $code'
  const environment = { ...process.env, SLIPWAY_HOME: home, NO_COLOR: '1' }
  const ended = await run('bash', ['-c', script, 'bash', folder, slipwayCommand, file, times], environment)
  const [, ofChildren = ''] = execFileSync('cat', [times], { encoding: 'utf8' }).split('\n')
  const spent = [...ofChildren.matchAll(/(\d+)m([\d.]+)s/g)].map(([, minutes, s]) => Number(minutes) * 60 + Number(s))
  if (spent.length !== 2) throw new Error(`bash said no times: ${ofChildren}`)
  return { ...ended, processorTime: spent.reduce((sum, each) => sum + each, 0) }
}

async function applyText(text: string | Uint8Array): Promise<Answer> {
  await writeFile(join(folder, 'c.yaml'), text)
  return apply('c.yaml')
}

/** What holds for every refusal; returns what was said. */
function refused({ code, stdout, stderr, processorTime }: Answer): string {
  expect(code, stderr).toBe(2)
  expect(stdout).toBe('')
  expect(stderr).toMatch(/^error\[(cluster-file-invalid|file-unreadable)\] /m)
  expect(stderr).toMatch(/^ +→ .+/m)
  expect(stderr).not.toMatch(/^\s+at |TypeError|RangeError|node:internal/m)
  expect(stderr).not.toContain(canary)
  expect(stderr.length).toBeLessThan(20_000)
  // Everything but the line breaks and the tab would be played by the terminal.
  expect(stderr).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029]/)
  expect(processorTime).toBeLessThan(mostProcessorTime)
  expect(existsSync(home), 'a data folder was made').toBe(false)
  return stderr
}

const good = `apiVersion: slipway/v1
kind: Cluster
metadata: { name: demo }
spec:
  distribution: rke2
  version: v1.34.1+rke2r1
  ssh: { user: root, key_file: ./id }
  nodes:
    - { hostname: m1, internal_ip: 10.255.0.11, role: initial_master }
    - { hostname: w1, internal_ip: 10.255.0.14, role: worker }
`
const change = (from: string, to: string) => {
  if (!good.includes(from)) throw new Error(`no ${from} in the file`)
  return good.replace(from, to)
}
const hostname = (written: string) => change('hostname: w1', `hostname: ${written}`)
const variable = (written: string) => change('  nodes:', `  cluster_vars: { extra: { label: ${written} } }\n  nodes:`)
const setting = (written: string) => change('  nodes:', `  ${written}\n  nodes:`)

describe('a cluster file with a mistake', () => {
  it.each([
    ['no initial master', change('initial_master', 'master'), '9:5 spec.nodes', 'initial_master'],
    ['two initial masters', change('role: worker', 'role: initial_master'), '10:55 spec.nodes[1].role', 'master'],
    ['a hostname twice', hostname('m1'), '10:19 spec.nodes[1].hostname', 'm1'],
    ['an address twice', change('10.255.0.14', '10.255.0.11'), '10:36 spec.nodes[1].internal_ip', '10.255.0.11'],
    ['a misspelt key', change('hostname: w1', 'hostnme: w1'), '10:9 spec.nodes[1].hostnme', 'did you mean hostname?'],
    ['a misspelt section', change('  nodes:', '  node:'), '8:3 spec.node', 'did you mean nodes?'],
    ['a misspelt role', change('role: worker', 'role: wroker'), '10:55 spec.nodes[1].role', 'did you mean worker?'],
    ['a version without v', change('v1.34', '1.34'), '6:12 spec.version', 'v1.34.1+rke2r1'],
    ['a version of K3s', change('+rke2r1', '+k3s1'), '6:12 spec.version', 'v1.34.1+rke2r1'],
    ['a version that is a number', change('v1.34.1+rke2r1', '1.34'), '6:12 spec.version', 'version: v1.34.1+rke2r1'],
    ['a huge port', change('user: root', 'user: root, port: 99999999999999999999'), '7:28 spec.ssh.port', '65535'],
    ['a port that is infinite', change('user: root', 'user: root, port: .inf'), '7:28 spec.ssh.port', 'found Infinity'],
    ['an address that is none', change('10.255.0.14', '10.255.0.999'), '10:36 spec.nodes[1].internal_ip', 'IPv4'],
    ['a cluster name with a path', change('name: demo', 'name: ../../etc'), '3:19 metadata.name', 'lower-case'],
    ['an empty list of nodes', `${good.slice(0, good.indexOf('  nodes:'))}  nodes: []\n`, '8:10 spec.nodes', 'node'],
    ['another kind', change('kind: Cluster', 'kind: Pod'), '2:7 kind', 'Cluster'],
    ['another apiVersion', change('slipway/v1', 'slipway/v9'), '1:13 apiVersion', 'slipway/v1'],
    ['a token in clear', setting(`cluster_vars: { token: ${canary} }`), '8:19 spec.cluster_vars.token', 'token_file'],
    ['a source with a script', setting('artifact_url: "javascript:alert(1)"'), '8:17 spec.artifact_url', 'http://'],
  ])('%s is refused at its place, with what to do', async (_, text, place, word) => {
    const said = refused(await applyText(text))
    expect(said).toContain(`c.yaml:${place}`)
    expect(said).toContain(word)
  })

  it('is told all its mistakes at once', async () => {
    const text = change('v1.34.1', '1.34.1').replace('hostname: w1', 'hostname: m1').replace('user: root', 'usr: root')
    const said = refused(await applyText(text))
    expect(said.match(/^ {2}error /gm)).toHaveLength(3)
    for (const place of ['6:12', '7:10', '10:19']) expect(said).toContain(`c.yaml:${place}`)
  })
})

describe('a hostname', () => {
  it.each([
    ['with a line break', String.raw`"w1\nansible_connection: local"`],
    ['with a quote', `"w1'"`],
    ['with a double quote', String.raw`"w1\""`],
    ['with a template', '"{{ lookup(1) }}"'],
    ['with a space', '"w1 ansible_user=x"'],
    ['with a control character', String.raw`"w1\e[2J"`],
    ['with a right-to-left mark', '"w\u202e1"'],
    ['with a path', '../w1'],
    ['with an option', '"-oProxyCommand=reboot"'],
    ['of 10,000 letters', 'w'.repeat(10_000)],
    ['that is no text', '[w1]'],
    ['that is a reserved word', 'localhost'],
  ])('%s is refused', async (_, written) => {
    expect(refused(await applyText(hostname(written)))).toContain('c.yaml:10:19 spec.nodes[1].hostname')
  })
})

describe('a variable', () => {
  it.each([
    ['with a line break', String.raw`"a\nserver: https://evil"`],
    ['with a template', '"{{ lookup(1) }}"'],
    ['with a statement of a template', '"{% for x in y %}"'],
    ['with a control character', String.raw`"a\u0000b"`],
    ['with a separator of lines', String.raw`"a\u2028b"`],
  ])('%s is refused', async (_, written) => {
    expect(refused(await applyText(variable(written)))).toMatch(/c\.yaml:8:\d+ spec\.cluster_vars\.extra\.label/)
  })
})

describe('what is no cluster file', () => {
  const bomb = Array.from({ length: 30 }, (_, level) =>
    level === 0 ? 'x0: &a0 [lol]' : `x${level}: &a${level} [${`*a${level - 1},`.repeat(9)}]`,
  ).join('\n')
  it.each([
    ['anchors that explode', `kind: Cluster\n${bomb}`, 'yaml-alias'],
    ['an anchor that holds itself', 'kind: Cluster\na: &a [*a]\n', 'yaml-alias'],
    ['several documents', `${good}---\n${good}`, 'several-documents'],
    ['a list', '- a\n- b\n', 'no-cluster-file'],
    ['a single word', 'hello\n', 'no-cluster-file'],
    ['an empty file', '', 'empty-file'],
    ['blanks and comments', '\n# nothing\n\n', 'empty-file'],
    ['a NUL byte', good.replace('demo', 'de\0mo'), 'nul-byte'],
    ['UTF-16', Buffer.from(`\ufeff${good}`, 'utf16le'), 'wrong-encoding'],
    ['UTF-16 without its mark', Buffer.from(good, 'utf16le'), 'wrong-encoding'],
    ['UTF-32', Buffer.from([0xff, 0xfe, 0, 0, 0x61, 0, 0, 0]), 'wrong-encoding'],
    ['Latin-1', Buffer.from(good.replace('demo', 'd\u00e9mo'), 'latin1'), 'wrong-encoding'],
    ['a program', Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0, 0xff, 0xfe]), 'wrong-encoding'],
    ['a tag of a program', change('demo', '!!js/function "x"'), 'yaml-tag'],
    ['a tag of Python', change('demo', '!!python/object/apply:os.system ["id"]'), 'yaml-tag'],
    ['a key of JavaScript objects', `${good}__proto__: { admin: true }\n`, 'reserved-key'],
    ['a key twice', `${good}kind: Cluster\n`, 'duplicate-key'],
    ['very deep nesting', '['.repeat(200_000), 'too-deep'],
    ['JSON that is cut', '{"apiVersion": "slipway/v1", "spec": {', 'yaml-syntax'],
    ['tabs', 'spec:\n\tnodes: []\n', 'yaml-syntax'],
  ])('%s is refused', async (_, text, name) => {
    const said = refused(await applyText(text))
    expect(said).toMatch(/c\.yaml:\d+:\d+/)
    expect(said).toContain(`(${name})`)
  })

  it('50 MB are refused without being read', async () => {
    await writeFile(join(folder, 'c.yaml'), good)
    await truncate(join(folder, 'c.yaml'), 50 * 1024 * 1024)
    expect(refused(await apply('c.yaml'))).toContain('52,428,800 bytes')
  })

  it.each([
    ['a folder', 'a-folder', 'it is a folder'],
    ['a file that is missing', 'nowhere.yaml', 'there is no such file'],
    ['a circle of links', 'circle', 'go in a circle'],
    ['a file below a file', 'empty/c.yaml', 'is not a folder'],
    ['a name without end', 'x'.repeat(5000), 'too long'],
  ])('%s is refused by its name', async (_, name, why) => {
    const said = refused(await apply(name))
    expect(said).toContain(`${name}: `)
    expect(said).toContain(why)
  })
})

describe('a key file', () => {
  it.each([
    ['that is missing', './nowhere', 'there is no such file'],
    ['that is a folder', './a-folder', 'it is a folder'],
    ['that is empty', './empty', 'it is empty'],
    ['that is protected by a passphrase', './locked', 'ssh-add'],
    ['that is the public half', './id.pub', 'it is a public key'],
    ['that is something else', './no-key', 'it is not a private key'],
    ['that never ends', '/dev/zero', 'it is not a regular file'],
  ])('%s is refused at the line that names it', async (_, path, why) => {
    const said = refused(await applyText(change('./id', path)))
    expect(said).toContain('c.yaml:7:32 spec.ssh.key_file: ')
    expect(said).toContain(why)
  })

  it('that may not be read is refused, to the user that root becomes without his powers', async () => {
    await writeFile(join(folder, 'secret'), canary, { mode: 0o600 })
    await chown(join(folder, 'secret'), 65534, 65534)
    await writeFile(join(folder, 'c.yaml'), change('./id', './secret'))
    const script = `cd "$1"; exec setpriv --bounding-set=-dac_override,-dac_read_search "$2" apply -f "$3" --yes`
    const environment = { ...process.env, SLIPWAY_HOME: home, NO_COLOR: '1' }
    const ofKey = await run('bash', ['-c', script, 'bash', folder, slipwayCommand, 'c.yaml'], environment)
    expect(refused({ ...ofKey, processorTime: 0 })).toContain('c.yaml:7:32 spec.ssh.key_file: ')
    expect(ofKey.stderr).toContain('you may not read it')
    const ofFile = await run('bash', ['-c', script, 'bash', folder, slipwayCommand, 'secret'], environment)
    expect(refused({ ...ofFile, processorTime: 0 })).toContain('secret: you may not read it')
  })

  it.each([
    ['a sudo password with a second line', 'user: root', 'user: ops, sudo_password_file: ./two-lines', '7:', 'several'],
    ['a token that is missing', '  nodes:', '  token_file: ./nowhere\n  nodes:', '8:', 'there is no such file'],
    ['an empty token', '  nodes:', '  token_file: ./empty\n  nodes:', '8:', 'it is empty'],
  ])('%s is refused as well', async (_, from, to, line, why) => {
    const said = refused(await applyText(change(from, to)))
    expect(said).toContain(`c.yaml:${line}`)
    expect(said).toContain(why)
  })
})

it('nothing of all this is on record', async () => {
  expect(existsSync(home)).toBe(false)
  const environment = { ...process.env, SLIPWAY_HOME: home, NO_COLOR: '1' }
  const { code, stdout } = await run(slipwayCommand, ['status', '-o', 'json'], environment)
  expect(code).toBe(0)
  expect(JSON.parse(stdout)).toEqual([])
})
