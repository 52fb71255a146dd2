import type { Command } from 'commander'
import { type Node, nodeShape } from '../../contract/nodes.ts'
import { allPages } from '../client/allPages.ts'
import { withServer } from '../client/withServer.ts'
import { type Column, type Format, printRows, withOutput } from '../output.ts'
import type { Surroundings } from '../surroundings.ts'
import { ageOf } from '../view/age.ts'

export function define(command: Command, surroundings: Surroundings): void {
  withOutput(command)
    .argument('<cluster>', 'name of the cluster')
    .option('--removed', 'also nodes that were removed')
    .addHelpText(
      'after',
      `
Shows what is on record. LAST SEEN is when a run last saw the node at work: nobody watches the nodes in between. A node
is updating while a member gets other settings, and behind when the others went on without it.

Examples:
  slipway nodes demo
  slipway nodes demo -o json | jq -r '.[] | select(.role == "worker") | .hostname'
`,
    )
    .action(async (cluster: string, { output, removed }: { output: Format; removed?: boolean }) => {
      const path = `/clusters/${encodeURIComponent(cluster)}/nodes`
      const query = removed ? { removed: 'true' } : {}
      const nodes = await withServer(surroundings, ({ client }) => allPages(client, path, nodeShape, query), 'looks')
      await printRows(output, nodes, columns)
    })
}

/** A member that gets other settings is not installed; what is on record of one that is behind, was so. */
function statusOf({ status, behind, installed_version }: Node): string {
  if (behind !== null) return `behind, was ${status}`
  return status === 'installing' && installed_version !== null ? 'updating' : status
}

const columns: readonly Column<Node>[] = [
  { title: 'hostname', value: node => node.hostname },
  { title: 'role', value: node => node.role },
  { title: 'status', value: node => (node.wanted ? statusOf(node) : `${statusOf(node)}, not wanted`) },
  { title: 'last seen', value: node => ageOf(node.last_seen) },
  { title: 'behind', value: node => node.behind && `since ${node.behind.since}` },
  { title: 'version', value: node => node.installed_version },
  { title: 'address', value: node => node.ansible_ip },
  { title: 'internal', value: node => node.internal_ip, wide: true },
  { title: 'external', value: node => node.external_ip, wide: true },
  { title: 'since', value: node => node.status_since, wide: true },
  { title: 'why behind', value: node => node.behind?.reason, wide: true },
  { title: 'last error', value: node => node.last_error, wide: true },
]
