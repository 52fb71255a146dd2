import { describe, expect, it } from 'vitest'
import { type NodeSpec, nodeSpec } from '../cluster.ts'
import { SlipwayError } from '../errors.ts'
import type { RecordedNode } from '../recordedCluster.ts'
import { type Newcomer, replaced, replacementOf } from './replacement.ts'

const node = (hostname: string, role: NodeSpec['role'], more: Partial<NodeSpec> = {}): NodeSpec => ({
  hostname,
  role,
  internal_ip: `10.0.0.1${hostname.slice(1)}`,
  ...more,
})
const own = { ssh: { user: 'admin', key_file: 'keys/m1' }, node_vars: { 'node-label': ['zone=a'] }, files: { a: 'b' } }
const nodes = [node('m1', 'initial_master', own), node('m2', 'master'), node('m3', 'master', own), node('w1', 'worker')]
const recorded = {
  nodes: nodes.map(
    ({ hostname, role, internal_ip }): RecordedNode => ({
      hostname,
      role,
      internal_ip,
      status: 'active',
      wanted: true,
      installed_version: 'v1',
      behind: null,
    }),
  ),
}
const outside = nodes.map(each => ({ ...each, external_ip: '192.0.2.1', use_external_ip: true }))
const by = (hostname: string, more = {}): Newcomer => ({ hostname, internal_ip: '10.0.0.40', ...more })

/** The nodes afterwards; null where that is so already. */
function replacing(name: string, newcomer: Newcomer, of: readonly NodeSpec[] = nodes): NodeSpec[] | null {
  const found = replacementOf({ cluster: 'demo', nodes: of, node: name, by: newcomer })
  return found && replaced(of, { old: found.old, newcomer: nodeSpec.parse(found.newcomer) }, null, recorded)
}

describe('a new node', () => {
  it('has place, role and settings of the one that it replaces', () => {
    expect(replacing('m3', by('m4'))).toEqual([nodes[0], nodes[1], { ...by('m4'), role: 'master', ...own }, nodes[3]])
    expect(replacing('w1', by('w2'))?.[3]).toEqual({ ...by('w2'), role: 'worker' })
  })

  it('keeps what it brings itself', () => {
    const given = { ssh: { user: 'root' }, node_vars: { 'node-label': ['zone=b'] } }
    expect(replacing('m3', by('m4', given))?.[2]).toEqual({ ...by('m4'), role: 'master', ...own, ...given })
  })

  it('is reached at its own addresses', () => {
    expect(replacing('w1', by('w2'), outside)?.[3]).toEqual({ ...by('w2'), role: 'worker' })
    const elsewhere = by('w2', { external_ip: '192.0.2.9', use_external_ip: true })
    expect(replacing('w1', elsewhere, outside)?.[3]).toEqual({ ...elsewhere, role: 'worker' })
  })

  it('is a server like the others where the first one is replaced, whose role goes to one that is there', () => {
    expect(replacing('m1', by('m4'))?.map(({ hostname, role }) => `${hostname} ${role}`)).toEqual([
      'm4 master',
      'm2 initial_master',
      'm3 master',
      'w1 worker',
    ])
  })

  it('is there already where the command is given again', () => {
    expect(replacing('m3', by('m4'), replacing('m3', by('m4')) ?? [])).toBeNull()
  })
})

describe('under the name of the one that it replaces', () => {
  it('is in its place, and the role of the first server goes to another one', () => {
    expect(replacing('m2', by('m2'))?.[1]).toEqual({ ...by('m2'), role: 'master' })
    expect(replacing('m1', by('m1'))?.slice(0, 2)).toEqual([
      { ...by('m1'), role: 'master', ...own },
      { ...nodes[1], role: 'initial_master' },
    ])
  })

  it.each([by('w1', { internal_ip: '10.0.0.11' }), { hostname: 'w1' }])(
    'is the same machine where its address is, with all that is said of it',
    newcomer => {
      expect(replacing('w1', newcomer, outside)).toEqual(outside)
    },
  )
})

describe('is refused, with a way that works', () => {
  it.each<[string, () => unknown, string, string]>([
    ['a node that stays as the new one', () => replacing('m3', by('w1')), 'replaced-by-a-node', 'scale remove demo m3'],
    ['another role', () => replacing('m3', by('m4', { role: 'worker' })), 'role-differs', 'Leave its role out'],
    ['an old one that nobody knows', () => replacing('m9', by('m4')), 'node-not-on-record', 'Name one of m1, m2, m3'],
    [
      'the only server',
      () => replacing('m1', by('m4'), [node('m1', 'initial_master'), node('w1', 'worker')]),
      'no-successor',
      'Add another server first',
    ],
  ])('%s', (_what, work, name, remedy) => {
    try {
      work()
    } catch (error) {
      if (!(error instanceof SlipwayError)) throw error
      expect(error.findings.map(finding => finding.name)).toEqual([name])
      expect(error.findings[0]?.remedy).toContain(remedy)
      return
    }
    throw new Error('it was not refused')
  })
})
