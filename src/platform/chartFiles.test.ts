import { describe, expect, it } from 'vitest'
import { packFolder } from '../domain/clusterFile/folderArchive.ts'
import { keyFileFault } from '../domain/clusterFile/keyFiles.ts'
import { platformFiles, readSecretValues } from './chartFiles.ts'

describe('a file with values', () => {
  it('is read as Helm reads it', () => {
    const text = '\ufeffa: yes\nb: "yes"\nc: 0640\nd: 12:30:45\ne: 2001-01-01\nf: |\n  x\n  y\non: { g: ~ }\n'
    expect(readSecretValues(text)).toEqual({
      ok: true,
      value: { a: true, b: 'yes', c: 416, d: '12:30:45', e: '2001-01-01', f: 'x\ny\n', on: { g: null } },
    })
  })

  it.each([
    ['nothing', ''],
    ['a list', '- a'],
    ['a text', 'password'],
    ['two documents', 'a: 1\n---\nb: 2'],
    ['no YAML', 'a: [1'],
    [
      'aliases without an end',
      `a: &a [x,x]\n${[...'bcdefghijk'].map((key, at) => `${key}: &${key} [*${'abcdefghijk'[at]},*${'abcdefghijk'[at]}]\n`).join('')}`,
    ],
  ])('is refused: %s', (_what, text) => expect(readSecretValues(text).ok).toBe(false))

  it('is named in no message with what stands in it', () => {
    const reading = readSecretValues('a: "very-secret\nb: [')
    expect(JSON.stringify(reading)).not.toContain('very-secret')
  })
})

it('a packed chart is told from another file by how it begins', () => {
  const [named] = platformFiles({ charts: [{ name: 'a', chart: './a.tgz' }] })
  if (!named) throw new Error('no file')
  expect(keyFileFault(named, Buffer.from('1f8b0800', 'hex'))).toBeNull()
  expect(keyFileFault(named, Buffer.from('apiVersion: v2'))).toMatchObject({ name: 'chart-no-archive' })
  expect(keyFileFault(named, Buffer.alloc(800_000))).toMatchObject({ name: 'folder-too-large' })
})

it('the folder of a chart has a Chart.yaml', () => {
  const [named] = platformFiles({ charts: [{ name: 'a', chart: './a' }] })
  const folderOf = (...paths: string[]) => packFolder(paths.map(path => ({ path, contents: Buffer.from('x') })))
  if (!named) throw new Error('no file')
  expect(keyFileFault(named, folderOf('Chart.yaml', 'templates/a.yaml'))).toBeNull()
  expect(keyFileFault(named, folderOf('a/Chart.yaml'))).toBeNull()
  expect(keyFileFault(named, folderOf('values.yaml'))).toMatchObject({ name: 'chart-no-archive' })
})

it('files are named by charts that have them, each at its place', () => {
  const charts = [
    { name: 'a', chart: './a.tgz', secret_values: './a.yaml' },
    { name: 'b', chart: 'oci://registry.example/b', version: '1.0.0' },
  ]
  expect(platformFiles({ charts }).map(({ file, path }) => [file, path.join('.')])).toEqual([
    ['./a.tgz', 'spec.platform.charts.0.chart'],
    ['./a.yaml', 'spec.platform.charts.0.secret_values'],
  ])
})
