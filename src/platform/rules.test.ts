import { expect, it } from 'vitest'
import { checkPlatform } from './rules.ts'
import { type PlatformChart, platformSpec } from './spec.ts'

const found = (...charts: (Partial<PlatformChart> & { name: string })[]) =>
  checkPlatform({ charts: charts.map(chart => ({ chart: './a.tgz', ...chart })) }).map(
    ({ name, path }) => `${name} ${path.join('.')}`,
  )

it('takes charts that wait for each other in no circle', () => {
  expect(found({ name: 'a', after: ['b', 'c'] }, { name: 'b', after: ['c'] }, { name: 'c' })).toEqual([])
  expect(checkPlatform(undefined)).toEqual([])
})

it('finds a name that stands twice, one that nobody has, and circles of any length', () => {
  expect(found({ name: 'a' }, { name: 'a' })).toEqual(['chart-twice platform.charts.1.name'])
  expect(found({ name: 'a', after: ['b'] })).toEqual(['chart-unknown platform.charts.0.after.0'])
  expect(found({ name: 'a', after: ['a'] })).toEqual(['chart-circle platform.charts.0.after'])
  expect(found({ name: 'a', after: ['b'] }, { name: 'b', after: ['c'] }, { name: 'c', after: ['b'] })).toEqual([
    'chart-circle platform.charts.1.after',
    'chart-circle platform.charts.2.after',
  ])
})

it.each<[string, Partial<PlatformChart>, string | null]>([
  ['a file', { chart: './web-1.0.0.tgz' }, null],
  ['a registry', { chart: 'oci://registry.example:5000/charts/web', version: '1.0.0' }, null],
  ['a repository', { chart: 'web', repository: 'https://charts.example', version: '1.0.0' }, null],
  ['a registry without a version', { chart: 'oci://registry.example/web' }, 'chart'],
  ['a repository without a version', { chart: 'web', repository: 'https://charts.example' }, 'chart'],
  [
    'a registry in a repository',
    { chart: 'oci://a.example/web', repository: 'https://b.example', version: '1.0.0' },
    'repository',
  ],
  ['a file with a version', { chart: './web.tgz', version: '1.0.0' }, 'version'],
  ['a path in a repository', { chart: './web', repository: 'https://charts.example', version: '1.0.0' }, 'chart'],
  ['a registry with a tag', { chart: 'oci://registry.example/web:1.0.0', version: '1.0.0' }, 'chart'],
  ['a URL', { chart: 'https://charts.example/web-1.0.0.tgz' }, 'chart'],
  ['a registry with a login', { chart: 'oci://me:secret@registry.example/web', version: '1.0.0' }, 'chart'],
])('judges where a chart comes from: %s', (_what, chart, key) => {
  expect(found({ name: 'a', ...chart })).toEqual(key === null ? [] : [`chart-source platform.charts.0.${key}`])
})

it.each([
  ['pod-security.kubernetes.io/enforce', 'baseline', true],
  ['tier', '', true],
  ['bad key', 'web', false],
  ['a/b/c', 'web', false],
  ['tier', 'x y', false],
  ['tier', '-a', false],
])('a namespace may have the label %s=%s: %j', (key, value, isTaken) => {
  expect(platformSpec.safeParse({ namespaces: { shop: { labels: { [key]: value } } } }).success).toBe(isTaken)
})
