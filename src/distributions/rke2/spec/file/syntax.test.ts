import { readRke2File } from './written.fixture.ts'
import { describe, expect, it } from 'vitest'

const good = `apiVersion: slipway/v1
kind: Cluster
metadata:
  name: demo
spec:
  distribution: rke2
  version: v1.34.1+rke2r1
  ssh:
    user: root
    port: 22
  cluster_vars:
    tls-san:
      - a.example
      - b.example
  nodes:
    - { hostname: m1, internal_ip: 10.0.0.11, role: initial_master }
    - hostname: w1
      internal_ip: 10.0.0.12
      role: worker
`
const found = (text: string) => {
  const reading = readRke2File(new TextEncoder().encode(text), 'c.yaml')
  return reading.ok
    ? []
    : reading.findings.map(({ place, message, remedy }) => `${place?.line}:${place?.column} ${message} ${remedy}`)
}
const changed = (from: string, to: string) => {
  expect(good).toContain(from)
  return found(good.replace(from, to))
}

it('is a right file before anything is changed', () => {
  expect(found(good)).toEqual([])
})

describe('one tab is one finding, where it stands', () => {
  it.each([
    ['  distribution', '\tdistribution', '6:1'],
    ['  version', '  \tversion', '7:3'],
    ['    port', '\t\tport', '10:1'],
    ['      - b.example', '\t- b.example', '14:1'],
    ['    - hostname: w1', '\t- hostname: w1', '17:1'],
    ['    - hostname: w1', '    -\thostname: w1', '17:6'],
    ['      internal_ip', '\tinternal_ip', '18:1'],
    ['      role: worker', '\trole: worker', '19:1'],
  ])('%j as %j', (from, to, place) => {
    const all = changed(from, to)
    expect(all).toHaveLength(1)
    expect(all[0]).toMatch(new RegExp(`^${place} a tab stands here, and YAML indents with blanks`))
  })

  it('and a file full of them as well, with their number', () => {
    const all = found(good.replace(/^( {2})+/gm, blanks => '\t'.repeat(blanks.length / 2)))
    expect(all).toHaveLength(1)
    expect(all[0]).toContain('14 more lines have one')
  })

  it('a tab that is no indentation is none', () => {
    expect(changed('kind: Cluster', 'kind:\tCluster\t# a comment')).toEqual([])
  })
})

describe('whatever else breaks the YAML is one finding too', () => {
  it.each([
    ['- a.example', '- "a.example', '13:9', 'not closed'],
    ['name: demo', "name: 'demo", '4:9', "Put a ' at the end"],
    ['role: initial_master }', 'role: initial_master', '17:5', 'close every bracket'],
    ['role: initial_master }', 'role: initial_master }}', '16:69', 'brackets'],
    ['user: root', 'user: a: b', '9:11', 'Put quotes around a value that holds ": "'],
    ['user: root', 'user:root', '9:5', 'a blank behind the colon'],
    ['  version', ' version', '7:1', 'same number of blanks'],
    ['  version', '   version', '6:17', 'same number of blanks'],
    ['user: root', 'user: @root', '9:11', 'Put quotes'],
    ['kind: Cluster', 'kind: Cluster\nkind: Cluster', '3:1', 'stands here twice'],
    ['metadata:', 'metadata', '3:1', 'a blank behind the colon'],
  ])('%j as %j', (from, to, place, words) => {
    const all = changed(from, to)
    expect(all).toHaveLength(1)
    expect(all[0]).toMatch(new RegExp(`^${place} `))
    expect(all[0]).toContain(words)
  })
})
