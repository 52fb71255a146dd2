import { nodeStatuses, type NodeStatus } from '../../domain/lifecycle.ts'
import type { NodeRecord } from '../../store/nodes.ts'
import { listRuns } from '../../store/runs.ts'
import type { Database } from '../../store/tables.ts'
import { clusterSubject } from '../../domain/subject.ts'

/** Where a node stands, in one word: what is known of one that was left out is that it is behind. */
type Standing = NodeStatus | 'behind'

const standingOf = ({ status, behind }: Pick<NodeRecord, 'status' | 'behind'>): Standing =>
  behind === null ? status : 'behind'

const standings: readonly Standing[] = [...nodeStatuses, 'behind']

/** The same counts in the order of a node's life. Pure. */
export const inLifeOrder = (counts: Readonly<Record<string, number>>): Record<string, number> =>
  Object.fromEntries(
    standings.flatMap(standing => {
      const count = counts[standing]
      return count === undefined ? [] : [[standing, count]]
    }),
  )

/** Each node once, in the order of a node's life. Pure. */
export function countStandings(nodes: readonly Pick<NodeRecord, 'status' | 'behind'>[]): Record<string, number> {
  const groups = Map.groupBy(nodes, standingOf)
  return inLifeOrder(Object.fromEntries([...groups].map(([standing, list]) => [standing, list.length])))
}

/** Far enough back to find the last run that was completed; none further back is news. */
const newestRuns = 50

/**
 * When the cluster's last completed run ended: it has looked at every node but those that it left behind. Runs of an
 * earlier cluster of its name have seen none of its nodes.
 */
export async function lastCompleted(database: Database, cluster: string): Promise<string | null> {
  const row = await database.selectFrom('clusters').select('created').where('name', '=', cluster).executeTakeFirst()
  if (!row) return null
  // Most often it is the newest.
  for (const limit of [1, newestRuns]) {
    const runs = await listRuns(database, { subject: clusterSubject(cluster), limit })
    const own = runs.filter(run => run.created >= row.created)
    const found = own.find(({ status }) => status === 'completed')
    if (found || own.length < limit) return found?.ended ?? null
  }
  return null
}

/**
 * When a node was last seen at work. Nobody watches the nodes: between two runs a record says nothing of them. Null for
 * one that is not known to work, or that the others went on without. Pure.
 */
export function lastSeen(
  { status, behind, wanted, status_since }: Pick<NodeRecord, 'status' | 'behind' | 'wanted' | 'status_since'>,
  completed: string | null,
): string | null {
  if (status !== 'active' || behind !== null) return null
  return wanted && completed !== null && completed > status_since ? completed : status_since
}
