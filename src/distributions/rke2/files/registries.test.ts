import { describe, expect, it } from 'vitest'
import { registriesEntries, registriesText } from './hostFiles.ts'
import { findingsOf, specOf } from '../spec/file/written.fixture.ts'

const text = (written: string) => registriesText(registriesEntries(specOf([`registries: ${written}`]).registries))

describe('registries.yaml', () => {
  it.each([
    ['{ mirrors: { docker.io:, "*": } }', 'mirrors: {"*":{},"docker.io":{}}'],
    ['{ mirrors: { docker.io: {}, registry.k8s.io: ~ } }', 'mirrors: {"docker.io":{},"registry.k8s.io":{}}'],
    ['{ mirrors: { "*": { endpoint: https://m.example } } }', 'mirrors: {"*":{"endpoint":["https://m.example"]}}'],
    [
      '{ mirrors: { docker.io: { endpoint: [https://m.example:5000/v2], rewrite: { "^rancher/(.*)": "mirrored/$1" } } } }',
      'mirrors: {"docker.io":{"endpoint":["https://m.example:5000/v2"],"rewrite":{"^rancher/(.*)":"mirrored/$1"}}}',
    ],
    [
      '{ configs: { "r.example:5000": { tls: { insecure_skip_verify: yes } }, "*": , "[fd00::5]:5000": } }',
      'configs: {"*":{},"[fd00::5]:5000":{},"r.example:5000":{"tls":{"insecure_skip_verify":true}}}',
    ],
  ])('%s', (written, line) => {
    expect(text(written)).toContain(`${line}\n`)
  })

  it('is none where nothing is said', () => {
    expect(text('{ mirrors: , configs: }')).toBe('')
  })

  it.each([
    ['{ mirrors: { "https://docker.io": } }', 'Write docker.io.'],
    ['{ configs: { "r.example/path": } }', 'named by host and port'],
    ['{ configs: { r.example: { auth: { username: u, password: p } } } }', 'auth_file'],
    ['{ mirrors: { docker.io: { endpoints: [] } } }', 'did you mean endpoint?'],
    ['{ mirrors: { docker.io: { endpoint: ["https://a b"] } } }', 'without blanks'],
  ])('%s is refused once', (written, message) => {
    const found = findingsOf([`registries: ${written}`])
    expect(found).toHaveLength(1)
    expect(found[0]).toContain(message)
  })
})
