import { describe, expect, it } from 'vitest'
import type { HostFacts } from './host/facts.ts'
import type { FolderState } from '../../hosts/folder.ts'
import { machineFacts, serverFacts } from './machineFacts.fixture.ts'
import { argumentsOfStage, stageBench } from './stageBench.fixture.ts'
import { prepare } from './stages/prepare.ts'

describe('the folder that the cluster file names for snapshots', () => {
  const cluster_vars = { 'etcd-snapshot-dir': '/srv/backup' }
  const fresh = (hostname: string) => machineFacts({ hostname, machine_id: hostname })
  const findings = async (
    key: string,
    spec: object,
    answers: Readonly<Record<string, FolderState['state']>>,
    observe: (hostname: string) => HostFacts = fresh,
  ) => {
    const bench = stageBench({
      observe,
      folder: (host, at) => ({ state: answers[host] ?? 'usable', at: `${host}:${at}` }),
    })
    const bound = prepare(argumentsOfStage(key, 2, 1, { artifact_path: '/nowhere', ...spec }), bench.session)
    const found = await bound.checkPrerequisites?.(await bound.observe(bench.attempt))
    return found?.filter(({ name }) => name === 'snapshot-folder-unusable')
  }

  it('is asked for on every server, and stands in the way where it cannot be had', async () => {
    expect(await findings('rke2/prepare', { cluster_vars }, {})).toEqual([])
    const found = await findings('rke2/prepare', { cluster_vars }, { m1: 'no-folder', m2: 'read-only' })
    expect(found?.map(({ about, message }) => `${about}: ${message}`)).toEqual([
      expect.stringContaining('node m1: m1:/srv/backup is no folder'),
      expect.stringContaining('node m2: m2:/srv/backup is on a read-only file system'),
    ])
  })

  it('is no reason to leave a member alone that works without it: status tells of that', async () => {
    const all = { m1: 'no-folder', m2: 'no-folder' } as const
    const member = (hostname: string) => (hostname === 'm1' ? serverFacts('m1') : fresh(hostname))
    const found = await findings('rke2/prepare', { cluster_vars }, all, member)
    expect(found?.map(({ about }) => about)).toEqual(['node m2'])
  })

  it('may be another one on each node, and agents have none', async () => {
    const at = (hostname: string, more: object) => ({ hostname, internal_ip: '10.0.0.1', ...more })
    const nodes = [
      at('m1', { role: 'initial_master' }),
      at('m2', { role: 'master', internal_ip: '10.0.0.2', node_vars: { 'etcd-snapshot-dir': '/mnt/m2' } }),
      at('w1', { role: 'worker', internal_ip: '10.0.0.3' }),
    ]
    const all = { m1: 'dangling', m2: 'unreadable', w1: 'no-folder' } as const
    const found = await findings('rke2/prepare', { nodes }, all)
    expect(found?.map(({ message }) => message)).toEqual([expect.stringContaining('m2:/mnt/m2 cannot be read')])
    expect(await findings('rke2/prepare:w1', { cluster_vars, nodes }, all)).toEqual([])
  })
})
