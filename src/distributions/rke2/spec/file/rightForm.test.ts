import { expect, it } from 'vitest'
import { readRke2File } from './written.fixture.ts'
import { everything, forms, of } from './everything.fixture.ts'
import { rightForm } from '../../../../domain/clusterFile/rightForm.ts'
import { shapeOf } from '../../../../domain/clusterFile/shape.ts'
import { rke2Format } from '../format.ts'

const shape = shapeOf(rke2Format, ['rke2'])

const read = (text: string) => readRke2File(new TextEncoder().encode(text), 'c.yaml')
it('every form that is shown is taken', () => {
  const reading = read(everything)
  expect(reading.ok ? [] : reading.findings.map(({ about, message }) => `${about} ${message}`)).toEqual([])
  const url = everything.replace('artifact_path: ./releases', of('artifact_url'))
  expect(read(url).ok).toBe(true)
  // A VIP is the endpoint, and the API has to listen there.
  const vips = [
    of('address', 'provider', 'interface', 'router_id'),
    `${of('address', 'image')}, provider: kube-vip`,
  ].map(vip => everything.replace(of('api_endpoint'), `vip: { ${vip} }`).replace(`    ${of('bind-address')}\n`, ''))
  for (const vip of vips) expect(read(vip).ok).toBe(true)
  for (const field of Object.keys(forms))
    expect(everything + url + vips.join(''), field).toContain(`${field}: ${forms[field]}`)
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
