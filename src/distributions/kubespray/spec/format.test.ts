import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { readClusterFile } from '../../../domain/clusterFile/clusterFile.ts'
import { rke2Format } from '../../rke2/spec/format.ts'
import { kubesprayFormat } from './format.ts'
import { readSecretVars } from './secretVars.ts'

const formats = [rke2Format, kubesprayFormat]
const file = (
  lines = '',
  nodes = ['m1, internal_ip: 10.0.0.11, role: initial_master', 'w1, internal_ip: 10.0.0.21, role: worker'],
) =>
  `apiVersion: slipway/v1
kind: Cluster
metadata: { name: demo }
spec:
  distribution: kubespray
  version: 1.34.1
  kubespray:
    source: { folder: ./kubespray }
${lines}
  nodes:
${nodes.map(node => `    - { hostname: ${node} }`).join('\n')}
`
const read = (source: string) => readClusterFile(Buffer.from(source), 'demo.yaml', formats)
const found = (source: string) => {
  const reading = read(source)
  return (reading.ok ? reading.warnings : reading.findings).map(
    ({ name, about }) => `${name} at ${about.split(' ').at(-1)}`,
  )
}
const servers = (count: number, more = '') =>
  Array.from(
    { length: count },
    (_, at) => `m${at + 1}, internal_ip: 10.0.0.1${at}, role: ${at === 0 ? 'initial_master' : 'master'}${more}`,
  )

it('a cluster file of Kubespray is read', () => {
  expect(found(file())).toEqual([])
  expect(read(file('  cluster_vars: { kube_network_plugin: cilium, deep: [{ a: 1 }] }'))).toMatchObject({
    ok: true,
    file: { spec: { cluster_vars: { kube_network_plugin: 'cilium', deep: [{ a: 1 }] } } },
  })
})

it('the file that it is begun with is right', () => {
  const { template } = kubesprayFormat
  expect(found(template.text(template.defaults))).toEqual([])
})

it.each(Object.entries(kubesprayFormat.forms))('the form that is shown of %s is right', (key, form) => {
  const value: unknown = parse(form)
  const places: Readonly<Record<string, unknown>> = {
    git: { kubespray: { source: { git: value, ref: 'v2.31.0' } } },
    ref: { kubespray: { source: { git: 'https://a.example/b', ref: value } } },
    archive: { kubespray: { source: { archive: value, sha256: 'a'.repeat(64) } } },
    folder: { kubespray: { source: { folder: value } } },
    secrets_encryption: { kubespray: { source: { folder: './k' }, secrets_encryption: value } },
    secret_vars: { kubespray: { source: { folder: './k' }, secret_vars: value } },
  }
  const spec = { ...parse(file()).spec, ...Object(places[key] ?? { [key]: value }) }
  expect(kubesprayFormat.spec.safeParse(spec).error).toBeUndefined()
})

describe('members of etcd', () => {
  it.each([
    [2, '', ['even-etcd at spec.nodes']],
    [4, '', ['even-etcd at spec.nodes']],
    [3, '', []],
    [3, ', etcd: false', ['no-etcd at spec.nodes']],
  ])('of %i servers%s', (count, more, expected) => {
    expect(found(file('', servers(count, more)))).toEqual(expected)
  })

  it('one of two servers, or a worker beside two, makes an odd number', () => {
    const [first = '', second = ''] = servers(2)
    expect(found(file('', [first, `${second}, etcd: false`]))).toEqual([])
    expect(found(file('', [first, second, 'w1, internal_ip: 10.0.0.21, role: worker, etcd: true']))).toEqual([])
  })
})

it.each(['v1.34.1', 'v1.34.1+rke2r1', '1.34.1-rc.1'])('the version %s is told', version => {
  expect(found(file().replace('version: 1.34.1', `version: ${version}`))).toEqual(['version-form at spec.version'])
})

it.each<[string, string]>([
  ['kube_version: 1.33.0', 'own-variable'],
  ['ansible_user: root', 'own-variable'],
  ['kube_encrypt_secret_data: false', 'own-variable'],
  ['ignore_assert_errors: true', 'own-variable'],
  ['registry_password: geheim', 'variable-secret'],
  ['containerd_registry_auth: [{ registry: a.example, username: u, password: geheim }]', 'variable-secret'],
  ['files_repo: "https://user:geheim@files.example"', 'variable-secret'],
  ['bin_dir: "{{ here }}"', 'variable-template'],
  ['a-b: 1', 'bad-key'],
])('the variable %s is refused', (variable, name) => {
  expect(found(file(`  cluster_vars: { ${variable} }`)).map(line => line.split(' at ')[0])).toEqual([name])
})

it('what only looks like a secret may stand there', () => {
  expect(found(file('  cluster_vars: { kube_token_auth: true, kube_webhook_token_auth: false, token: "" }'))).toEqual(
    [],
  )
})

it.each([
  ['{ git: "https://u:p@a.example/k", ref: v1 }'],
  ['{ git: "ext::sh -c id", ref: v1 }'],
  ['{ git: "--upload-pack=id", ref: v1 }'],
  ['{ git: https://a.example/k, ref: --upload-pack=id }'],
  ['{ git: https://a.example/k, ref: ../x }'],
  ['{ git: https://a.example/k }'],
  ['{ archive: ./k.tar.gz }'],
  ['{ archive: ./k.tar.gz, sha256: ABC }'],
  [
    '{ archive: "https://u:p@a.example/k.tar.gz", sha256: 0000000000000000000000000000000000000000000000000000000000000000 }',
  ],
  ['{ folder: ./k, ref: v1 }'],
  ['{}'],
])('the source %s is refused', source => {
  const text = file().replace('{ folder: ./kubespray }', source)
  expect(read(text).ok).toBe(false)
})

it.each([
  ['aesgcm', 'encryption-rotation'],
  ['aescbc', 'encryption-weak'],
])('%s is warned of by name', (algorithm, name) => {
  const reading = read(file(`    secrets_encryption: ${algorithm}`))
  expect(reading).toMatchObject({ ok: true, warnings: [{ name, severity: 'warning' }] })
})

it('kms is refused with the reason', () => {
  const reading = read(file('    secrets_encryption: kms'))
  expect(reading).toMatchObject({
    ok: false,
    findings: [{ name: 'encryption-kms', message: expect.stringMatching(/a plugin on every server/) }],
  })
})

it('where no worker is, servers take pods; where they may not, it is told', () => {
  expect(found(file('', servers(1)))).toEqual([])
  expect(found(file('', servers(1, ', schedulable: false')))).toEqual(['no-schedulable-node at spec.nodes'])
})

it('a cluster that others made has no source, and its version is the one that its API tells', () => {
  const text = file()
    .replace(/ {2}kubespray:\n.*\n/, '')
    .replace('1.34.1', 'v1.34.1')
  expect(found(text)).toEqual([])
})

it('a file with secret variables is a map of variables that are not Slipway’s own', () => {
  expect(readSecretVars('registry_password: geheim\n')).toEqual({ ok: true, value: { registry_password: 'geheim' } })
  for (const wrong of ['geheim', '- geheim', 'kube_version: geheim', 'a-b: geheim', 'a: "{{ geheim }}"']) {
    const reading = readSecretVars(wrong)
    expect(reading).toMatchObject({ ok: false, fault: { name: 'secret-vars-invalid' } })
    expect(JSON.stringify(reading)).not.toContain('geheim')
  }
})
