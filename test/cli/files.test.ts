import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chmod, open, readFile, symlink, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Desk, openDesk, slipwayCommand } from './command.ts'

let desk: Desk
beforeAll(async () => {
  desk = await openDesk()
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(desk.folder, 'id')])
  execFileSync('mkfifo', [join(desk.folder, 'pipe')])
})
afterAll(() => desk[Symbol.asyncDispose]())

const good = `apiVersion: slipway/v1
kind: Cluster
metadata: { name: demo }
spec:
  distribution: rke2
  version: v1.34.1+rke2r1
  ssh: { user: root, key_file: ./id }
  nodes:
    - { hostname: m1, internal_ip: 10.0.0.11, role: initial_master }
`
const file = (name: string) => join(desk.folder, name)

const withKey = (path: string) => good.replace('./id', path)

async function validate(name: string, text: string | Uint8Array) {
  await writeFile(file(name), text)
  return desk.slipway(['validate', '-f', name])
}

describe('validate', () => {
  it('says what a right file describes, on stdout, and ends with 0', async () => {
    expect(await validate('good.yaml', good)).toEqual({
      code: 0,
      stdout: 'good.yaml is valid: cluster demo, v1.34.1+rke2r1, servers: 1, workers: 0\n',
      stderr: '',
    })
  })

  it('reads standard input', async () => {
    expect(await desk.slipway(['validate', '-f', '-'], good)).toMatchObject({ code: 0 })
  })

  it('names file, line, column, field, guess and remedy of every fault, on stderr, and ends with 2', async () => {
    const ended = await validate('bad.yaml', good.replace('role:', 'rol:').replace('user:', 'usr:'))
    expect(ended).toMatchObject({ code: 2, stdout: '' })
    expect(ended.stderr).toContain('bad.yaml:7:10 spec.ssh.usr: unknown key "usr"; did you mean user?')
    expect(ended.stderr).toContain('bad.yaml:9:47 spec.nodes[0].rol: unknown key "rol"; did you mean role?')
    expect(ended.stderr).toContain('slipway explain cluster-file-invalid')
  })

  it('gives the same as data with -o json', async () => {
    await writeFile(file('bad.yaml'), good.replace('initial_master', 'inital_master'))
    const ended = await desk.slipway(['validate', '-f', 'bad.yaml', '-o', 'json'])
    expect(ended.code).toBe(2)
    expect(JSON.parse(ended.stdout)).toMatchObject({
      valid: false,
      findings: [{ name: 'unknown-value', place: { line: 9, column: 53, path: 'spec.nodes[0].role' } }],
    })
  })

  it('refuses a file of 50 MB without reading it', async () => {
    await writeFile(file('huge.yaml'), good)
    await truncate(file('huge.yaml'), 50 * 1024 * 1024)
    const ended = await desk.slipway(['validate', '-f', 'huge.yaml'])
    expect(ended.code).toBe(2)
    expect(ended.stderr).toContain('52,428,800 bytes')
  })

  it('reads no more than it needs of an endless file', async () => {
    expect(await desk.slipway(['validate', '-f', '/dev/zero'])).toMatchObject({ code: 2 })
  })

  it.each([
    ['a missing file', 'nowhere.yaml', 'there is no such file'],
    ['a folder', '.', 'it is a folder'],
  ])('explains %s', async (_, name, why) => {
    const ended = await desk.slipway(['validate', '-f', name])
    expect(ended.code).toBe(2)
    expect(ended.stderr).toContain(why)
  })
})

describe('a key file', () => {
  it.each([
    ['that is missing', './nowhere', 'there is no such file'],
    ['that is a folder', '.', 'it is a folder'],
    ['that is a device', '/dev/null', 'it is not a regular file'],
    ['that is a pipe nobody writes to', './pipe', 'it is not a regular file'],
    ['that is the public key', './id.pub', 'it is a public key'],
    ['that is something else', './good.yaml', 'it is not a private key'],
  ])('%s is refused at its line of the cluster file', async (_, path, why) => {
    const ended = await validate('key.yaml', withKey(path))
    expect(ended.code).toBe(2)
    expect(ended.stderr).toContain('key.yaml:7:32 spec.ssh.key_file: ')
    expect(ended.stderr).toContain(why)
  })

  it('with a passphrase is refused, and the agent is named as the way out', async () => {
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', 'open sesame', '-f', file('locked')])
    const ended = await validate('key.yaml', withKey('./locked'))
    expect(ended.code).toBe(2)
    expect(ended.stderr).toContain('protected by a passphrase')
    expect(ended.stderr).toContain('ssh-add')
  })

  it('of 10 GB is refused by its size', async () => {
    const handle = await open(file('sparse'), 'w')
    await handle.truncate(10 * 1024 ** 3)
    await handle.close()
    const ended = await validate('key.yaml', withKey('./sparse'))
    expect(ended.code).toBe(2)
    expect(ended.stderr).toContain('more than 65536 bytes')
  })

  it('that everybody can read is used with a warning', async () => {
    await writeFile(file('open-key'), await readFile(file('id')))
    await chmod(file('open-key'), 0o644)
    const ended = await validate('key.yaml', withKey('./open-key'))
    expect(ended.code).toBe(0)
    expect(ended.stderr).toContain(`chmod 600 ${file('open-key')}`)
  })
})

it('a result that cannot be written is one line on stderr, and 1', () => {
  const command = ['-c', '"$0" explain > /dev/full', slipwayCommand]
  const { status, stderr } = spawnSync('bash', command, { encoding: 'utf8', env: desk.environment })
  expect(stderr).toMatch(/^slipway: standard output cannot be written: .*ENOSPC.*\n$/)
  expect(status).toBe(1)
})

describe('init', () => {
  it('writes a file that is valid but for the key, asks nothing without a terminal, and replaces nothing', async () => {
    expect(await desk.slipway(['init', '--key-file', './id'])).toMatchObject({ code: 0, stdout: '' })
    expect(await desk.slipway(['validate', '-f', 'cluster.yaml'])).toMatchObject({ code: 0 })
    const again = await desk.slipway(['init'])
    expect(again.code).toBe(2)
    expect(again.stderr).toContain('cluster.yaml exists already')
  })

  it('takes answers as options', async () => {
    const args = ['--name', 'edge', '--server', 'a=10.1.0.1', '--worker', 'b=10.1.0.2', '--key-file', 'agent']
    const written = await desk.slipway(['init', '-f', '-', ...args])
    const ended = await desk.slipway(['validate', '-f', '-'], written.stdout)
    expect(ended.stdout).toContain('cluster edge, v1.34.1+rke2r1, servers: 1, workers: 1')
  })

  it('refuses answers that make no valid file', async () => {
    expect(await desk.slipway(['init', '-f', '-', '--name', 'Not A Name'])).toMatchObject({ code: 2, stdout: '' })
    expect(await desk.slipway(['init', '-f', '-', '--server', 'm1=10.0.0.256'])).toMatchObject({ code: 2 })
  })
})

describe('the command line itself', () => {
  it('guesses a misspelt command and ends with 2', async () => {
    const ended = await desk.slipway(['validat'])
    expect(ended.code).toBe(2)
    expect(ended.stderr).toContain("unknown command 'validat'")
    expect(ended.stderr).toContain('→ Did you mean validate? `slipway --help` shows how it is written.')
  })

  it.each([
    [['apply'], 'required option', 'slipway apply'],
    [['apply', '-f'], 'argument missing', 'slipway apply'],
    [['nodes'], 'missing required argument', 'slipway nodes'],
    [['status', 'demo', 'more'], 'too many arguments', 'slipway status'],
    [['nodes', 'demo', '--remove'], "unknown option '--remove'", 'slipway nodes'],
    [['status', '-o', 'xml'], "argument 'xml' is invalid", 'slipway status'],
    [['inventory', 'expor'], "unknown command 'expor'", 'slipway inventory'],
    [['inventory', 'export'], 'missing required argument', 'slipway inventory export'],
    [['plan'], 'name a cluster or give a file', 'slipway plan'],
  ])('tells a wrong usage as any other error, with the help of its command: %j', async (words, said, command) => {
    const ended = await desk.slipway(words)
    expect(ended).toMatchObject({ code: 2, stdout: '' })
    expect(ended.stderr).toMatch(/^error\[usage\] The command or request is not understood\n/)
    expect(ended.stderr).toContain(said)
    expect(ended.stderr).toContain(`\`${command} --help\` shows how it is written.`)
    expect(ended.stderr).not.toMatch(/^error: /m)
  })

  it('shows its help where no command is named, and is still told as data', async () => {
    const ended = await desk.slipway([])
    expect(ended).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(/^Usage: slipway /) })
    const json = await desk.slipway(['-o', 'json'])
    expect(json.code).toBe(2)
    expect(JSON.parse(json.stderr)).toMatchObject({ error: { code: 'usage' } })
  })

  it.each([[['validat']], [['validate', '--nonsense']], [['plan', '-f']], [['nodes']], [['apply']]])(
    'tells a wrong usage as data with -o json: %j',
    async words => {
      const ended = await desk.slipway([...words.slice(0, 1), '-o', 'json', ...words.slice(1)])
      expect(ended).toMatchObject({ code: 2, stdout: '' })
      expect(JSON.parse(ended.stderr)).toMatchObject({ error: { code: 'usage', detail: expect.any(String) } })
    },
  )

  it('explains every code, and guesses a misspelt one', async () => {
    const known = await desk.slipway(['explain', 'plan-changed'])
    expect(known).toMatchObject({ code: 0, stderr: '' })
    expect(known.stdout).toContain('Exit code:   5 (refused)')
    const unknown = await desk.slipway(['explain', 'plan-chnged', '-o', 'json'])
    expect(unknown.code).toBe(2)
    expect(JSON.parse(unknown.stderr)).toMatchObject({ error: { code: 'usage', facts: {} } })
  })

  it.each([
    [
      'member-without-data',
      /^member-without-data: .*\nWhat to do: .*\nSeverity: +error, stands in the way until it is gone\n$/,
    ],
    ['swap-on', /Severity: +warning, .* accepted: --accept swap-on\n$/],
    ['host-key-changed:m1', /^host-key-changed: .*\nWhat to do: .*--accept host-key-changed:HOST/],
  ])('explains %s as it is printed behind a finding', async (name, text) => {
    const ended = await desk.slipway(['explain', name])
    expect(ended).toMatchObject({ code: 0, stderr: '', stdout: expect.stringMatching(text) })
  })

  it('lists the findings beside the error codes, and guesses a misspelt one', async () => {
    const listed: unknown = JSON.parse((await desk.slipway(['explain', '-o', 'json'])).stdout)
    expect(listed).toContainEqual(expect.objectContaining({ name: 'disk-full', kind: 'finding', severity: 'error' }))
    expect(listed).toContainEqual(expect.objectContaining({ name: 'plan-changed', kind: 'error', exit_code: 5 }))
    const unknown = await desk.slipway(['explain', 'member-without-dta'])
    expect(unknown.stderr).toContain('did you mean member-without-data?')
  })

  it('works through a symbolic link, from another folder', async () => {
    await symlink(slipwayCommand, file('linked'))
    const version = execFileSync(file('linked'), ['--version'], { cwd: '/', env: desk.environment, encoding: 'utf8' })
    expect(version).toMatch(/^\d+\.\d+\.\d+\n$/)
  })

  it('touches no data folder for help, validate and explain', async () => {
    await desk.slipway(['--help'])
    await desk.slipway(['help', 'validate'])
    expect(existsSync(desk.home)).toBe(false)
  })

  it('colours nothing that is no terminal', async () => {
    const loud = await openDesk({ environment: { NO_COLOR: undefined } })
    const ended = await loud.slipway(['validate', '-f', 'nowhere'])
    await loud[Symbol.asyncDispose]()
    expect(ended.stderr).not.toContain('\u001b[')
  })

  it('ends quietly when the reader of its output has gone', () => {
    const shell = `${slipwayCommand} explain | head -1; echo "\${PIPESTATUS[0]}"`
    const printed = execFileSync('bash', ['-c', shell], { env: desk.environment, encoding: 'utf8' })
    expect(printed).toMatch(/^NAME.*\n0\n$/)
  })
})
