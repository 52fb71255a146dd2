import type { Command } from 'commander'
import { clusterDetailShape, type ClusterSummary, clusterSummaryShape } from '../../api/clusters/shapes.ts'
import { allPages } from '../client/allPages.ts'
import { withServer } from '../client/withServer.ts'
import { type Column, type Format, printRows, withOutput } from '../output.ts'
import { runStatus } from '../view/runStatus.ts'
import type { Surroundings } from '../surroundings.ts'

export function define(command: Command, surroundings: Surroundings): void {
  withOutput(command)
    .argument('[cluster]', 'one cluster only')
    .addHelpText(
      'after',
      `
Examples:
  slipway status
  slipway status demo -o yaml
`,
    )
    .action(async (cluster: string | undefined, { output }: { output: Format }) => {
      await withServer(surroundings, async ({ client }) => {
        if (cluster === undefined)
          return printRows(output, await allPages(client, '/clusters', clusterSummaryShape), columns)
        const detail = await client.get(`/clusters/${encodeURIComponent(cluster)}`, clusterDetailShape)
        return printRows(output, [detail], columns, detail)
      })
    })
}

const columns: readonly Column<ClusterSummary>[] = [
  { title: 'cluster', value: cluster => cluster.name },
  { title: 'version', value: cluster => cluster.version },
  { title: 'installation', value: cluster => cluster.installation_stage ?? 'not begun' },
  { title: 'nodes', value: cluster => counts(cluster.node_counts, cluster.behind.length) },
  { title: 'last run', value: ({ last_run }) => last_run && `${last_run.id} ${runStatus(last_run)}` },
  { title: 'endpoint', value: cluster => cluster.api_endpoint, wide: true },
  { title: 'bootstrap', value: cluster => cluster.bootstrap, wide: true },
  { title: 'desired version', value: cluster => cluster.desired_version, wide: true },
  { title: 'updated', value: cluster => cluster.updated, wide: true },
]

/** `5 active`, `3 active, 2 pending`, `5 active, 1 behind` */
const counts = (byStatus: Readonly<Record<string, number>>, behind: number): string =>
  [...Object.entries(byStatus), ...(behind > 0 ? [['behind', behind] as const] : [])]
    .map(([status, count]) => `${count} ${status}`)
    .join(', ')
