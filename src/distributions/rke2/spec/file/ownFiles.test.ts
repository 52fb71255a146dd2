import { describe, expect, it } from 'vitest'
import { checkOwnFiles } from '../rules/ownFiles.ts'
import { findingsOf, readWritten } from './written.fixture.ts'

/** The files that a cluster file names, with these in its folders, and what is wrong with them together. */
function filled(line: string, folders: Readonly<Record<string, readonly string[]>> = {}) {
  const reading = readWritten([line])
  if (!reading.ok) throw new Error(JSON.stringify(reading.findings))
  const { file, keyFiles, findings } = reading.withFiles(new Map(Object.entries(folders)))
  return {
    reading,
    named: 'manifests' in file.spec ? file.spec.manifests : undefined,
    places: keyFiles.map(key => `${key.file} ${key.path.join('.')}`),
    findings: findings.map(({ name, place }) => `${name} ${place?.path}`),
  }
}

describe('manifests', () => {
  it('are files and folders, in whose place their files stand from the door on, told at the place of the folder', () => {
    const { reading, named, places } = filled('manifests: [./first, "./b.yaml", "last/"]', {
      './first': ['./first/a.yaml', './first/c.json'],
      'last/': ['last/d.yml'],
    })
    expect(reading.folders.map(({ folder, path }) => `${folder} ${path.join('.')}`)).toEqual([
      './first spec.manifests.0',
      'last/ spec.manifests.2',
    ])
    expect(named).toEqual(['./first/a.yaml', './first/c.json', './b.yaml', 'last/d.yml'])
    expect(places).toEqual([
      './first/a.yaml spec.manifests.0',
      './first/c.json spec.manifests.0',
      './b.yaml spec.manifests.1',
      'last/d.yml spec.manifests.2',
    ])
  })

  it.each([
    ['a.yaml', true],
    ['a.b.yml', true],
    ['a.json', true],
    ['.hidden.yaml', false],
    ['a.yaml.skip', false],
    ['a.txt', false],
    ['sub/a.yaml', false],
  ])('are those of the files of a folder that RKE2 would take: %s', (name, isOne) => {
    expect(filled('manifests: [./a]').reading.takes(name)).toBe(isOne)
  })

  it('are refused where two of them would be one AddOn, or RKE2 would remove one', () => {
    expect(filled('manifests: [./x/app.yaml, ./y/app.v2.json, ./z/app2.yaml]').findings).toEqual([
      'manifest-twice spec.manifests[1]',
    ])
    expect(filled('manifests: [./app.yaml, ./app.yaml]').findings).toEqual(['manifest-twice spec.manifests[1]'])
    const disabling = 'manifests: [./app.yaml]\n  cluster_vars: { disable: [app] }'
    expect(filled(disabling).findings).toEqual(['manifest-name spec.manifests[0]'])
  })
})

it('are no more than are stored, also those of a folder', () => {
  const files = Array.from({ length: 201 }, (_, index) => `./a/m${index}.yaml`)
  expect(filled('manifests: [./a]', { './a': files.slice(1) }).findings).toEqual([])
  expect(filled('manifests: [./a]', { './a': files }).findings).toEqual(['own-file-too-large spec.manifests'])
})

describe('files', () => {
  it.each([
    ['files: { audit_policy: ./a }\n  cluster_vars: { audit-policy-file: /a }', 'file-named-twice'],
    ['files: { pod_security: ./a }\n  cluster_vars: { pod-security-admission-config-file: /a }', 'file-named-twice'],
    ['files: { kubelet_config: ./a }\n  cluster_vars: { kubelet-arg: ["config-dir=/a"] }', 'file-named-twice'],
    ['files: { kubelet_config: ./a }\n  cluster_vars: { extra: { kubelet-arg+: config-dir=/a } }', 'file-named-twice'],
    ['files: { static_pods: [./a/p.yaml, ./b/p.yaml] }', 'manifest-twice'],
  ])('are refused beside what they cannot go with: %s', (line, name) => {
    expect(findingsOf([line]).map(found => found.split(': ')[1])).toEqual([name])
  })

  const first = '{ hostname: m1, internal_ip: 10.0.0.11, role: initial_master }'
  const worker = (rest: string) => `{ hostname: w1, internal_ip: 10.0.0.21, role: worker, ${rest} }`

  it('of a node are told where they stand there', () => {
    const wrong =
      'files: { kubelet_config: k, static_pods: [a/p.yaml, b/p.yaml] }, node_vars: { kubelet-arg: config-dir=/a }'
    expect(findingsOf([], [first, worker(wrong)]).map(found => found.split(': ').slice(0, 2).join(' '))).toEqual([
      'spec.nodes[1].files.static_pods[1] manifest-twice',
      'spec.nodes[1].node_vars.kubelet-arg file-named-twice',
    ])
    const reading = readWritten([], [first, worker('files: { kubelet_config: k, static_pods: [p.yaml] }')])
    if (!reading.ok) throw new Error(JSON.stringify(reading.findings))
    expect(reading.withFiles(new Map()).keyFiles.map(({ kind, path }) => `${kind.name} ${path.join('.')}`)).toEqual([
      'kubelet-config spec.nodes.1.files.kubelet_config',
      'static-pod spec.nodes.1.files.static_pods.0',
    ])
  })

  it('that only servers read are none of a node’s own', () => {
    const [found] = findingsOf([], [first, worker('files: { audit_policy: a }')])
    expect(found).toContain('spec.nodes[1].files.audit_policy: unknown-key')
  })

  it.each([
    ['v1.31.14+rke2r1', ['file-too-new']],
    ['v1.32.0+rke2r1', []],
  ])('of the kubelet are read since v1.32: %s', (version, names) => {
    const found = checkOwnFiles({ version, files: { kubelet_config: 'k' }, nodes: [{}, {}] })
    expect(found.map(({ name }) => name)).toEqual(names)
  })

  it('are taken beside what has nothing to do with them', () => {
    expect(
      findingsOf(['files: { audit_policy: ./a, kubelet_config: ./b }\n  cluster_vars: { kubelet-arg: [max-pods=1] }']),
    ).toEqual([])
  })
})
