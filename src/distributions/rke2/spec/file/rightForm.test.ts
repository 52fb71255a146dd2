import { expect, it } from 'vitest'
import { readRke2File } from './written.fixture.ts'
import { forms as commonForms, rightForm } from '../../../../domain/clusterFile/rightForm.ts'
import { shapeOf } from '../../../../domain/clusterFile/shape.ts'
import { forms as ownForms } from '../forms.ts'
import { rke2Format } from '../format.ts'

const forms: Readonly<Record<string, string>> = { ...commonForms, ...ownForms }
const shape = shapeOf(rke2Format, ['rke2'])

const read = (text: string) => readRke2File(new TextEncoder().encode(text), 'c.yaml')
const of = (...fields: readonly string[]) => fields.map(field => `${field}: ${forms[field]}`).join(', ')
const vars = Object.keys(forms).filter(field => field.includes('-'))
const clusterWide = ['artifact_path', 'api_endpoint', 'token_file', 'ready_timeout_s', 'version', 'distribution']

/** A cluster that is written with every form there is. */
const everything = `${of('apiVersion').trim()}
kind: ${forms['kind']}
metadata: { ${of('name')} }
spec:
${clusterWide.map(field => `  ${of(field)}`).join('\n')}
  ssh: { ${of('user', 'port', 'key_file', 'sudo', 'sudo_password_file')}, jump: [{ ${of('host', 'port', 'user')} }] }
  proxy: { ${of('http_proxy', 'https_proxy', 'no_proxy')} }
  preflight: { ${of('min_cpus', 'min_memory_mib', 'min_disk_free_mib', 'max_clock_skew_s')} }
  registries:
    mirrors: { docker.io: { ${of('endpoint')} } }
    configs: { registry.example.org: { ${of('auth_file')}, tls: { ${of('ca_file')} } } }
  cluster_vars:
${vars.map(field => `    ${of(field)}`).join('\n')}
  nodes:
    - { hostname: s1, internal_ip: 10.0.0.12, role: initial_master }
    - { ${of('hostname', 'internal_ip', 'external_ip', 'use_external_ip', 'role')} }
`

it('every form that is shown is taken', () => {
  const reading = read(everything)
  expect(reading.ok ? [] : reading.findings.map(({ about, message }) => `${about} ${message}`)).toEqual([])
  const url = everything.replace('artifact_path: ./releases', of('artifact_url'))
  expect(read(url).ok).toBe(true)
  for (const field of Object.keys(forms)) expect(everything + url, field).toContain(`${field}: ${forms[field]}`)
})

const remediesOf = (from: string, to: string) => {
  const reading = read(everything.replace(from, to))
  return reading.ok ? [] : reading.findings.map(({ remedy }) => remedy)
}

it.each([
  ['a version', of('version'), 'version: latest', 'v1.34.1+rke2r1'],
  ['an address', 'internal_ip: 10.0.0.12', 'internal_ip: 10.0.0.300', 'internal_ip: 10.0.0.11'],
  ['a list in place of a map', `ssh: { ${of('user')}`, `ssh: { user: [1]`, 'user: admin'],
  ['a map in place of a text', of('api_endpoint'), 'api_endpoint: {}', 'api_endpoint: api.example.org'],
])('a wrong value is answered with the right form: %s', (_, from, to, form) => {
  expect(remediesOf(from, to)).toEqual([expect.stringContaining(form)])
})

it.each([
  ['a version', of('version'), 'version: 1.34', 'version: v1.34.1+rke2r1'],
  ['a range', of('cluster-cidr'), 'cluster-cidr: 10.42', 'cluster-cidr: 10.42.0.0/16'],
  ['an address in a list of nodes', 'internal_ip: 10.0.0.12', 'internal_ip: 10', 'internal_ip: 10.0.0.11'],
  ['a name', 'name: demo', 'name: 1.5', 'name: demo'],
  ['one that would be right in quotes', 'name: demo', 'name: 15', 'Put it in quotes: "15".'],
  ['one that would be right in quotes, on a node', 'hostname: s1', 'hostname: 15', 'Put it in quotes: "15".'],
])('a number in place of a text is answered with what would be taken: %s', (_, from, to, form) => {
  expect(remediesOf(from, to)).toEqual([expect.stringContaining(form)])
})

it('where no form is known the page and the field are named', () => {
  expect(rightForm(shape, ['spec', 'cluster_vars', 'extra', 'x'])).toContain('docs/cluster-yaml.md')
  expect(rightForm(shape, [])).toContain('slipway init')
})
