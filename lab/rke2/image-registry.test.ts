import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { imageAnswer } from './image-registry.ts'

const layout = mkdtempSync(join(tmpdir(), 'lab-image-'))
afterAll(() => rmSync(layout, { recursive: true }))
mkdirSync(join(layout, 'blobs/sha256'), { recursive: true })
const blob = (content: string) => {
  const hash = createHash('sha256').update(content).digest('hex')
  writeFileSync(join(layout, 'blobs/sha256', hash), content)
  return `sha256:${hash}`
}
const layer = blob('a layer')
const manifest = blob('a manifest')
writeFileSync(join(layout, 'index.json'), JSON.stringify({ manifests: [{ digest: manifest }] }))
const ask = (path: string) => imageAnswer(path, layout, new Set(['docker.io/grafana/grafana', 'ghcr.io/a/b/c']))

it('has the image under every tag of a repository that it knows, and its parts', () => {
  for (const path of [
    '/v2/grafana/grafana/manifests/13.0.1?ns=docker.io',
    `/v2/a/b/c/manifests/${manifest}?ns=ghcr.io`,
  ]) {
    expect(ask(path)).toMatchObject({ digest: manifest, type: 'application/vnd.oci.image.manifest.v1+json' })
    expect(String(ask(path)?.content)).toBe('a manifest')
  }
  expect(String(ask(`/v2/a/b/c/blobs/${layer}?ns=ghcr.io`)?.content)).toBe('a layer')
})

it.each([
  ['a repository that it does not know', '/v2/grafana/loki/manifests/1?ns=docker.io'],
  ['the same one of another registry', '/v2/grafana/grafana/manifests/1?ns=ghcr.io'],
  ['one of no registry', '/v2/grafana/grafana/manifests/1'],
  ['another content', `/v2/grafana/grafana/manifests/sha256:${'0'.repeat(64)}?ns=docker.io`],
  ['a path that leads out of it', '/v2/grafana/grafana/blobs/sha256:..%2F..%2Findex.json?ns=docker.io'],
  ['what is no image', '/v2/?ns=docker.io'],
])('has nothing for %s', (_what, path) => {
  expect(ask(path)).toBeUndefined()
})
