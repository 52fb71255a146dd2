import { expect, it } from 'vitest'
import { createDistributions } from '../../distributions/distributions.ts'
import { loadDistributions } from '../../distributions/index.ts'
import { SlipwayError } from '../../domain/errors.ts'
import { readDocument } from './readDocument.ts'

const known = createDistributions(await loadDistributions())
const configMap = 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a }\n'
const read = (manifests: string, files: Readonly<Record<string, string>>) =>
  readDocument(known, {
    name: 'c.yaml',
    source: `apiVersion: slipway/v1
kind: Cluster
metadata: { name: demo }
spec:
  distribution: rke2
  version: v1.34.1+rke2r1
  manifests: ${manifests}
  nodes: [{ hostname: m1, internal_ip: 10.0.0.11, role: initial_master }]
`,
    files,
  })
function findings(...given: Parameters<typeof read>): string[] {
  try {
    read(...given)
    return []
  } catch (error) {
    if (!(error instanceof SlipwayError)) throw error
    return error.findings.map(({ name, place }) => `${name} ${place?.path}`)
  }
}

it('files that are sent for a folder stand in its place, and no others', () => {
  const sent = {
    './m/b.yaml': configMap,
    './m/a.json': '{}',
    './m/sub/c.yaml': configMap,
    './m/x.md': '',
    './other.yaml': '',
  }
  const { desired, files } = read('[./m/]', {
    ...sent,
    './m/a.json': JSON.stringify({ apiVersion: 'v1', kind: 'List' }),
  })
  expect(desired.spec).toMatchObject({ manifests: ['./m/a.json', './m/b.yaml'] })
  expect(Object.keys(files)).toEqual(['./m/a.json', './m/b.yaml'])
})

it('what is sent is checked as on the command line', () => {
  expect(findings('[./m]', { './m.yaml': configMap })).toEqual(['folder-empty spec.manifests[0]'])
  expect(findings('[./m]', { './m/a.yaml': 'a' })).toEqual(['manifest-invalid spec.manifests[0]'])
  expect(findings('[./m, ./a.yaml]', { './m/a.yml': configMap, './a.yaml': configMap })).toEqual([
    'manifest-twice spec.manifests[1]',
  ])
  const large = configMap.padEnd(1024 * 1024, '# filling\n')
  const many = Object.fromEntries([...'abcdefghijklmnopq'].map(name => [`./m/${name}.yaml`, large]))
  expect(findings('[./m]', many)).toEqual(['own-file-too-large spec'])
})
