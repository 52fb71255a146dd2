import { execFileSync } from 'node:child_process'
import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { readFolderArchive } from '../domain/clusterFile/folderArchive.ts'
import { SlipwayError } from '../domain/errors.ts'
import { temporaryFolder } from '../temporaryFolder.fixture.ts'
import { readClusterInput } from './clusterFileInput.ts'
import { packedFolder } from './packedFolder.ts'

const rules = { mostFiles: 3, mostBytes: 100 }
const sql = { ...rules, takes: (path: string) => path.endsWith('.sql') }

async function folderOf(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = temporaryFolder()
  for (const [path, text] of Object.entries(files)) {
    await mkdir(join(folder, path, '..'), { recursive: true })
    await writeFile(join(folder, path), text)
  }
  return folder
}
const packed = async (folder: string, own: Parameters<typeof packedFolder>[1] = rules) => {
  const reading = await packedFolder(folder, own)
  if (!reading.ok) return `${reading.fault.name}: ${reading.fault.message}`
  const files = readFolderArchive(Buffer.from(reading.value).toString('base64'), own)
  return files.ok ? files.value.map(({ path, contents }) => `${path}=${Buffer.from(contents)}`) : files.fault.message
}

it('what is meant of a folder is packed, by its paths', async () => {
  const folder = await folderOf({
    'b.sql': 'b',
    'a/c.sql': 'c',
    '.hidden.sql': 'x',
    '.git/config': 'x',
    'notes.md': 'n',
  })
  expect(await packed(folder, sql)).toEqual(['a/c.sql=c', 'b.sql=b'])
  expect(await packed(folder, { ...sql, hidden: true })).toEqual(['.hidden.sql=x', 'a/c.sql=c', 'b.sql=b'])
  const [one, other] = await Promise.all([packedFolder(folder, sql), packedFolder(folder, sql)])
  expect(one).toEqual(other)
})

it('what is no file is refused by its name, and left out where it is not meant', async () => {
  const folder = await folderOf({ 'a.sql': 'a' })
  await symlink('a.sql', join(folder, 'link.md'))
  expect(await packed(folder, sql)).toEqual(['a.sql=a'])
  expect(await packed(folder)).toBe('folder-link: link.md in it is a symbolic link')
  await symlink('/etc', join(folder, 'etc.sql'))
  expect(await packed(folder, sql)).toBe('folder-link: etc.sql in it is a symbolic link')
  const other = await folderOf({})
  execFileSync('mkfifo', [join(other, 'p.sql')])
  expect(await packed(other, sql)).toBe('folder-link: p.sql in it is no regular file')
})

it('too much is told before all of it is read', async () => {
  expect(await packed(await folderOf({ a: '', b: '', c: '', d: '', e: '' }))).toMatch(
    /^folder-too-large: it has 4 files/,
  )
  expect(await packed(await folderOf({ a: 'x'.repeat(60), b: 'x'.repeat(41) }))).toMatch(/^folder-too-large: its files/)
  expect(await packed(await folderOf({ a: 'x'.repeat(60), b: 'x'.repeat(40) }))).toHaveLength(2)
  expect(await packed(await folderOf({}))).toMatch(/^folder-empty/)
  expect(await packed('/no/such/folder')).toBe('folder-unreadable: there is no such file')
})

/** Names and messages of what is found of a cluster file beside these files. */
async function found(chart: string, files: Readonly<Record<string, string>>) {
  const folder = await folderOf(files)
  await writeFile(
    join(folder, 'c.yaml'),
    `apiVersion: slipway/v1
kind: Cluster
metadata: { name: demo }
spec:
  distribution: rke2
  version: v1.34.1+rke2r1
  nodes: [{ hostname: m1, internal_ip: 10.0.0.11, role: initial_master }]
  platform: { charts: [{ name: web, chart: ${chart} }] }
`,
  )
  await chmod(folder, 0o755)
  return readClusterInput(join(folder, 'c.yaml')).then(
    ({ files: sent }) => Object.keys(sent),
    (error: unknown) => {
      if (!(error instanceof SlipwayError)) throw error
      return error.findings.map(({ name, message, place }) => [name, message.replace(folder, ''), place?.path])
    },
  )
}

it('a cluster file names a folder as it names a file, and what is wrong is told at its place', async () => {
  const at = 'spec.platform.charts[0].chart'
  expect(await found('./web', { 'web/Chart.yaml': 'name: web', 'web/.helmignore': '' })).toEqual(['./web'])
  expect(await found('./web', { 'web/values.yaml': '' })).toEqual([
    ['chart-no-archive', '/web: there is no Chart.yaml in it', at],
  ])
  expect(await found('./web', {})).toEqual([['key-file-unreadable', '/web: there is no such file', at]])
  expect(await found('./web', { web: 'text' })).toEqual([
    ['chart-no-archive', '/web: it is no packed chart: it is not compressed by gzip', at],
  ])
})
