import type { Command } from 'commander'
import { clusterDetailShape, type ClusterSummary, clusterSummaryShape } from '../../contract/clusters.ts'
import { snapshotReportShape } from '../../contract/snapshots.ts'
import { allPages } from '../client/allPages.ts'
import { withServer } from '../client/withServer.ts'
import { findingLines } from '../failure.ts'
import { type Column, type Format, printData, printLine, printRows, withOutput } from '../output.ts'
import { say } from '../terminal.ts'
import { busy } from '../view/busy.ts'
import { ageOf } from '../view/age.ts'
import { runStatus } from '../view/runStatus.ts'
import { snapshotLines } from '../view/snapshotLines.ts'
import type { Surroundings } from '../surroundings.ts'

export function define(command: Command, surroundings: Surroundings): void {
  withOutput(command)
    .argument('[cluster]', 'one cluster only')
    .addHelpText(
      'after',
      `
Shows what is on record. LAST SEEN is when the last completed run ended, which has looked at every node but those that
are behind: nobody watches the nodes in between. With the name of a cluster it also looks at the installed servers, without changing anything there, and tells when the
last snapshot of etcd was taken.

Examples:
  slipway status
  slipway status demo -o yaml
`,
    )
    .action(async (cluster: string | undefined, { output }: { output: Format }) => {
      await withServer(
        surroundings,
        async ({ client }) => {
          if (cluster === undefined)
            return printRows(output, await allPages(client, '/clusters', clusterSummaryShape), columns)
          const detail = await client.get(`/clusters/${encodeURIComponent(cluster)}`, clusterDetailShape)
          const path = `/clusters/${encodeURIComponent(cluster)}/snapshots`
          const look = () => busy('Looking for snapshots on the servers', client.get(path, snapshotReportShape))
          if (output === 'json' || output === 'yaml') return printData(output, { ...detail, snapshots: await look() })
          await printRows(output, [detail], columns)
          const snapshots = await look()
          for (const line of snapshotLines(snapshots)) printLine(line)
          for (const line of findingLines(snapshots.warnings.map(({ place: _place, ...finding }) => finding))) say(line)
        },
        'looks',
      )
    })
}

const columns: readonly Column<ClusterSummary>[] = [
  { title: 'cluster', value: cluster => cluster.name },
  { title: 'version', value: cluster => cluster.version },
  { title: 'installation', value: cluster => cluster.installation_stage ?? 'not begun' },
  { title: 'nodes', value: cluster => counts(cluster.node_counts) },
  { title: 'last seen', value: cluster => ageOf(cluster.last_seen) },
  { title: 'last run', value: ({ last_run }) => last_run && `${last_run.id} ${runStatus(last_run)}` },
  { title: 'endpoint', value: cluster => cluster.api_endpoint, wide: true },
  { title: 'bootstrap', value: cluster => cluster.bootstrap, wide: true },
  { title: 'desired version', value: cluster => cluster.desired_version, wide: true },
  { title: 'updated', value: cluster => cluster.updated, wide: true },
]

/** `5 active`, `3 active, 2 pending`, `4 active, 1 behind`: each node once. */
const counts = (byStanding: Readonly<Record<string, number>>): string =>
  Object.entries(byStanding)
    .map(([status, count]) => `${count} ${status}`)
    .join(', ')
