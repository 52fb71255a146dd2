import { expect, it } from 'vitest'
import { stringify } from 'yaml'
import { packFolder } from '../domain/clusterFile/folderArchive.ts'
import { definitionsWith, readChartTree } from './chartTree.ts'

/** What of the definitions of subcharts Helm would install, by the values. */

const definition = (name: string) =>
  stringify({ apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata: { name }, spec: {} })
const packed = (files: Readonly<Record<string, string>>) =>
  packFolder(Object.entries(files).map(([path, text]) => ({ path, contents: Buffer.from(text) })))
const chart = (name: string, dependencies: object[] = []) =>
  stringify({ apiVersion: 'v2', name, version: '1.0.0', dependencies })

/** A chart with subcharts a, b twice, and c, which is packed and has one itself. */
const archive = packed({
  'web/Chart.yaml': chart('web', [
    { name: 'a', condition: 'a.no-switch, a.plain' },
    { name: 'b', tags: ['more', 'other'] },
    { name: 'b', alias: 'again', condition: 'again.enabled' },
    { name: 'c' },
  ]),
  'web/values.yaml': 'a: { plain: false, no-switch: text }\ntags: { more: false }\n---\n',
  'web/crds/own.yaml': definition('own'),
  'web/crds/README.md': 'none',
  'web/charts/a/Chart.yaml': chart('a'),
  'web/charts/a/crds/deep/a.yml': definition('a'),
  'web/charts/b/Chart.yaml': chart('b'),
  'web/charts/b/values.yaml': 'enabled: false\n',
  'web/charts/b/crds/b.yaml': `${definition('b')}---\n`,
  'web/charts/_left/Chart.yaml': 'none',
})
const withPacked = (global: string) => {
  const inner = packed({
    'c/Chart.yaml': chart('c', [{ name: 'd', condition: 'global.d' }]),
    'c/values.yaml': global,
    'c/charts/d/Chart.yaml': chart('d'),
    'c/charts/d/crds/d.yaml': definition('d'),
  })
  return packFolder([
    { path: 'up/Chart.yaml', contents: Buffer.from(chart('up')) },
    { path: 'up/charts/c-1.0.0.tgz', contents: inner },
  ])
}
const named = async (bytes: Uint8Array, values: Parameters<typeof definitionsWith>[1]) =>
  definitionsWith(await readChartTree(bytes), values).map(({ metadata }) => metadata.name)

it.each([
  [{}, ['own']],
  [{ a: { plain: true } }, ['own', 'a']],
  [{ a: { 'no-switch': true } }, ['own', 'a']],
  [{ a: null }, ['own', 'a']],
  [{ tags: { other: true } }, ['own', 'b']],
  [{ tags: { more: true }, again: { enabled: true } }, ['own', 'b']],
  [{ again: { enabled: true } }, ['own', 'b']],
])('with %j it is %j', async (values, expected) => {
  expect(await named(archive, values)).toEqual(expected)
})

it.each([
  ['', {}, ['d']],
  ['global: { d: false }', {}, []],
  ['global: { d: true }', { global: { d: false } }, []],
  ['global: { d: false }', { c: { global: { d: true } } }, ['d']],
])('a subchart of a packed one hears of %s with %j', async (global, values, expected) => {
  expect(await named(withPacked(global), values)).toEqual(expected)
})

it('says what is wrong with a file of crds/', async () => {
  const holding = (text: string) => readChartTree(packed({ 'web/Chart.yaml': chart('web'), 'web/crds/x.yaml': text }))
  await expect(holding('kind: Secret')).rejects.toThrow('something else than a CustomResourceDefinition')
  await expect(holding('a: "')).rejects.toThrow('is no YAML')
})
