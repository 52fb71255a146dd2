import { readRke2File } from './written.fixture.ts'
import { describe, expect, it } from 'vitest'

const good = `apiVersion: slipway/v1
kind: Cluster
metadata: { name: demo }
spec:
  distribution: rke2
  version: v1.34.1+rke2r1
  nodes:
    - { hostname: m1, internal_ip: 10.0.0.11, role: initial_master }
`
const read = (text: string) => readRke2File(new TextEncoder().encode(text), 'c.yaml')
const findings = (text: string) => {
  const reading = read(text)
  return reading.ok ? [] : reading.findings
}
const places = (text: string) =>
  findings(text).map(({ place, name }) => `${place?.line}:${place?.column} ${place?.path} ${name}`)
const messages = (text: string) =>
  findings(text)
    .map(({ message, remedy }) => `${message} ${remedy}`)
    .join('\n')
const ofVars = (vars: string) => messages(good.replace('  nodes:', `  cluster_vars: ${vars}\n  nodes:`))
const withNode = (node: string) => `${good}    - ${node}\n`

describe('values that would be stored in clear, or that Slipway would not hear of', () => {
  it('points at a key below extra that Slipway knows, and says where it goes', () => {
    const text = good.replace('  nodes:', '  cluster_vars: { extra: { data-dir: /data } }\n  nodes:')
    expect(places(text)).toEqual(['7:28 spec.cluster_vars.extra.data-dir bad-value'])
    expect(messages(text)).toContain('Write data-dir in spec.cluster_vars')
    expect(ofVars('{ extra: { debug: true } }')).toContain('Write debug beside extra')
    const node = withNode('{ hostname: w2, internal_ip: 10.0.0.15, role: worker, node_vars: { data-dir: /data } }')
    expect(messages(node)).toContain('Write data-dir in spec.cluster_vars')
  })

  it('does not repeat a token that stands where none belongs', () => {
    expect(ofVars('{ extra: { token: hunter2hunter2 } }')).not.toContain('hunter2')
  })

  const password = 'hunter2-secret'
  it.each([
    ['artifact_url', `artifact_url: "https://bob:${password}@mirror.example/rke2"`, '7:17 spec.artifact_url'],
    ['artifact_url', `artifact_url: "https:/bob:${password}@mirror.example"`, '7:17 spec.artifact_url'],
    ['proxy.http_proxy', `proxy: { http_proxy: "http://bob:${password}@proxy:3128" }`, '7:24 spec.proxy.http_proxy'],
    ['proxy.http_proxy', `proxy: { http_proxy: "http://${password}@proxy:3128" }`, '7:24 spec.proxy.http_proxy'],
    ['proxy.http_proxy', `proxy: { http_proxy: "http://b b:${password}@proxy" }`, '7:24 spec.proxy.http_proxy'],
    ['proxy.https_proxy', `proxy: { https_proxy: "http://bob:${password}@proxy" }`, '7:25 spec.proxy.https_proxy'],
    [
      'registries.mirrors',
      `registries: { mirrors: { docker.io: { endpoint: ["https://bob:${password}@mirror"] } } }`,
      '7:52 spec.registries.mirrors."docker.io".endpoint[0]',
    ],
  ])('refuses a login in %s at its place, and does not repeat it: %s', (_, line, place) => {
    const text = good.replace('  nodes:', `  ${line}\n  nodes:`)
    expect(places(text)).toContain(`${place} bad-value`)
    expect(messages(text)).not.toContain(password)
  })

  it('says what to do with the login of a URL', () => {
    const text = good.replace('  nodes:', `  proxy: { http_proxy: "http://bob:${password}@proxy:3128" }\n  nodes:`)
    expect(messages(text)).toContain('a URL may hold no login Remove USER:PASSWORD@')
  })

  it.each(['?token=', '#'])('refuses a URL with %s behind it, and does not repeat it', sign => {
    const text = good.replace('  nodes:', `  artifact_url: "https://mirror.example/rke2${sign}${password}"\n  nodes:`)
    expect(places(text)).toEqual(['7:17 spec.artifact_url bad-value'])
    expect(messages(text)).toContain('no query and no fragment')
    expect(messages(text)).not.toContain(password)
  })

  it('takes an @ in the path of a URL', () => {
    expect(read(good.replace('  nodes:', '  artifact_url: https://mirror.example/a@b\n  nodes:')).ok).toBe(true)
  })
})
