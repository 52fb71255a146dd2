import type { Command } from 'commander'
import { clusterDetailShape, type ClusterSummary, clusterSummaryShape } from '../../contract/clusters.ts'
import { snapshotReportShape } from '../../contract/snapshots.ts'
import { driftShape } from '../../contract/drift.ts'
import { exitCodes } from '../../domain/errors.ts'
import { allPages } from '../client/allPages.ts'
import { withServer } from '../client/withServer.ts'
import { findingLines } from '../failure.ts'
import { type Column, type Format, printData, printLine, printRows, withOutput } from '../output.ts'
import { paintData, say } from '../terminal.ts'
import { ageOf } from '../view/age.ts'
import { busy } from '../view/busy.ts'
import { driftColumns, driftLines } from '../view/driftView.ts'
import { runStatus } from '../view/runStatus.ts'
import { snapshotLines } from '../view/snapshotLines.ts'
import type { Surroundings } from '../surroundings.ts'

export function define(command: Command, surroundings: Surroundings): void {
  withOutput(command)
    .argument('[cluster]', 'one cluster only')
    .addHelpText(
      'after',
      `
Without a name it shows what is on record, and looks at no machine. LAST SEEN is when the last completed run ended,
which has looked at every node but those that are behind: nobody watches the nodes in between.

With the name of a cluster it looks at its machines, its API and its etcd, changes nothing there, and tells how they
differ from what is on record: what apply would change, and what it would not. It ends with 3 when something differs or
could not be seen, and with 0 when nothing does. It also tells when the last snapshot of etcd was taken.

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
          const path = `/clusters/${encodeURIComponent(cluster)}`
          const looks = Promise.all([
            client.look(`${path}/drift`, driftShape),
            client.get(`${path}/snapshots`, snapshotReportShape),
          ])
          const [drift, snapshots] = await busy('Looking at the machines', looks)
          process.exitCode = drift.differs ? exitCodes.changes : exitCodes.done
          if (output === 'json' || output === 'yaml') return printData(output, { ...detail, drift, snapshots })
          await printRows(output, [detail], columns)
          printLine('')
          await printRows(output, drift.nodes, driftColumns(drift))
          printLine('')
          for (const line of [...snapshotLines(snapshots), ...driftLines(drift, paintData)]) printLine(line)
          const found = [...drift.findings, ...snapshots.warnings]
          for (const line of findingLines(found.map(({ place: _place, ...finding }) => finding))) say(line)
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
