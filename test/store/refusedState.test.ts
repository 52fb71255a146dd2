import { describe, expect, it } from 'vitest'
import type { ClusterFile } from '../../src/domain/cluster.ts'
import { readSpec } from '../../src/distributions/readSpec.ts'
import { rke2Format } from '../../src/distributions/rke2/spec/format.ts'
import { readDesiredState } from '../../src/store/clusters.ts'
import { readRecordedCluster } from '../../src/store/recordedCluster.ts'
import { previewDesiredState } from '../../src/store/previewDesiredState.ts'
import { clusterFileOf, emptyStoreForEach, node } from './fixtures.ts'
import { applyDesiredState } from './applyDesiredState.ts'

const store = emptyStoreForEach()
const corrected = clusterFileOf('demo', [node('m1', '10.0.0.1', 'initial_master'), node('w1', '10.0.0.2')])

/** As an earlier version stored it, whose rules took more. */
async function stored(row: { cluster_vars?: object; spec?: object; node_vars?: object }): Promise<void> {
  const { database } = store()
  await applyDesiredState(database, corrected)
  const { node_vars, ...ofCluster } = row
  const written = Object.entries(ofCluster).map(([column, value]) => [column, JSON.stringify(value)])
  if (written.length > 0) await database.updateTable('clusters').set(Object.fromEntries(written)).execute()
  if (node_vars)
    await database
      .updateTable('nodes')
      .set({ node_vars: JSON.stringify(node_vars) })
      .where('hostname', '=', 'w1')
      .execute()
}

const secret = 'hunter2-secret'
const refused = [
  [{ cluster_vars: { extra: { 'etcd-s3-secret-key': secret } } }, 'spec.cluster_vars.extra.etcd-s3-secret-key'],
  [{ cluster_vars: { 'etcd-snapshot-schedule-cron': '61 * * * *' } }, 'spec.cluster_vars.etcd-snapshot-schedule-cron'],
  [{ cluster_vars: { 'tls-san': ['https://api.example.org'] } }, 'spec.cluster_vars.tls-san'],
  [{ cluster_vars: ['no', 'map'], spec: { 'gone-key': 1 } }, 'gone-key'],
  [{ spec: { proxy: { no_proxy: ['10.0.0.0/8;.example.org'] } } }, 'spec.proxy.no_proxy'],
  [{ node_vars: { extra: { 'vpn-auth': secret } } }, 'spec.nodes.1.node_vars.extra.vpn-auth'],
] as const

describe('a stored desired state that is refused now', () => {
  it.each(refused.filter(([, place]) => place !== 'gone-key'))(
    'is told as such, by its place: %j',
    async (row, place) => {
      await stored(row)
      const read = async () => readSpec(rke2Format, await readDesiredState(store().database, 'demo'))
      const error: unknown = await read().catch((thrown: unknown) => thrown)
      expect(error).toMatchObject({ code: 'stored-state-refused', exitCode: 2 })
      expect(String(error)).toContain(place)
      expect(String(error)).not.toContain(secret)
    },
  )

  it.each(refused)('is replaced by a corrected file: %j', async row => {
    const { database } = store()
    await stored(row)
    const replaced = { desired_version: 2, changed: true }
    expect(await previewDesiredState(database, corrected)).toEqual(replaced)
    expect(await applyDesiredState(database, corrected)).toEqual(replaced)
    expect(await readDesiredState(database, 'demo')).toEqual(corrected satisfies ClusterFile)
    expect(await previewDesiredState(database, corrected)).toEqual({ desired_version: 2, changed: false })
  })

  it('leaves what is on record of the nodes to be read', async () => {
    const { database } = store()
    await stored({ node_vars: { extra: { 'vpn-auth': secret } } })
    const recorded = await readRecordedCluster(database, 'demo')
    expect(recorded?.nodes.map(one => `${one.hostname} ${one.status}`)).toEqual(['m1 pending', 'w1 pending'])
  })
})
