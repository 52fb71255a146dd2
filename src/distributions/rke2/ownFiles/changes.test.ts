import { describe, expect, it } from 'vitest'
import { machineFacts } from '../machineFacts.fixture.ts'
import { ownFileChanges } from './changes.ts'
import type { OwnFile } from './places.ts'

const manifest = '/var/lib/rancher/rke2/server/manifests/slipway/a.yaml'
const policy = '/etc/rancher/rke2/slipway/audit-policy.yaml'
const template = '/var/lib/rancher/rke2/agent/etc/containerd/config-v3.toml.tmpl'
const hash = (letter: string) => letter.repeat(64)
const wanted = (path: string, letter = 'a'): OwnFile => ({ path, content: 'canary', hmac: hash(letter) })
const lies = (path: string, hmac: string | null, ours = true) => ({ path, size: 1, hmac, ours })

function changesOf(own: readonly OwnFile[], ...found: ReturnType<typeof lies>[]) {
  const facts = machineFacts({ own_files: { found, manifests: [], missing: [] } })
  return ownFileChanges({ node: { hostname: 'm1', internal_ip: '10.0.0.1', role: 'master' }, facts, error: null }, own)
}

describe('the plan of files', () => {
  it('names what is written, written anew and removed, and never what is in it', () => {
    const { changes } = changesOf(
      [wanted(manifest), wanted(policy), { path: template, content: null, hmac: '' }],
      lies(policy, hash('b')),
      lies(template, hash('c')),
    )
    expect(changes.map(({ effect, target, summary }) => `${effect} ${target}: ${summary}`)).toEqual([
      `create node/m1/file${manifest}: write ${manifest} (6 bytes)`,
      `update node/m1/file${policy}: write ${policy} anew (6 bytes, aaaaaaaa; what lies there has 1 byte, bbbbbbbb)`,
      `delete node/m1/file${template}: remove ${template}`,
    ])
    expect(JSON.stringify(changes)).not.toContain('canary')
  })

  it('is another one where the content is another one', () => {
    const [one, other] = ['a', 'b'].map(letter => changesOf([wanted(manifest, letter)]).changes[0])
    expect(one?.detail).not.toEqual(other?.detail)
  })

  it('has nothing for what lies there as it is wanted, and for what was to go and is gone', () => {
    const gone: OwnFile = { path: template, content: null, hmac: '' }
    expect(changesOf([wanted(manifest), gone], lies(manifest, hash('a')))).toEqual({ changes: [], restarts: false })
  })

  it('tells of a file that is none of ours, or none that can be read, and replaces it', () => {
    const [theirs] = changesOf([wanted(template)], lies(template, hash('b'), false)).changes
    expect(theirs?.summary).toContain('is somebody else’s and has 1 byte')
    const [link] = changesOf([wanted(manifest)], lies(manifest, null)).changes
    expect(link).toMatchObject({ effect: 'update' })
  })

  it.each([
    [manifest, false],
    ['/var/lib/rancher/rke2/agent/pod-manifests/slipway-a.yaml', false],
    [policy, true],
    [template, true],
    ['/var/lib/rancher/rke2/agent/etc/kubelet.conf.d/90-slipway.conf', true],
  ])('restarts the service for what it reads at its start: %s %s', (path, restarts) => {
    expect(changesOf([wanted(path)]).restarts).toBe(restarts)
    expect(changesOf([{ path, content: null, hmac: '' }], lies(path, hash('a'))).restarts).toBe(restarts)
  })
})
