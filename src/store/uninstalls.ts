import { isForgetting } from '../contract/forgetting.ts'
import { leftOutText } from '../contract/plan.ts'
import { sql } from 'kysely'
import { z } from 'zod'
import { plannedOperationShape } from '../contract/operations.ts'
import { SlipwayError } from '../domain/errors.ts'
import { machineSubject } from '../domain/machine.ts'
import type { RecordedCluster } from '../domain/recordedCluster.ts'
import { clusterSubject } from '../domain/subject.ts'
import { findMachine } from './machines.ts'
import { listRuns, readStages } from './runs.ts'
import { isOf } from './subjects.ts'
import type { Database } from './tables.ts'

/** A cluster whose runs are on record is one that there is, or was. @throws SlipwayError `not-found`. */
export async function requireRunsOf(database: Database, cluster: string): Promise<void> {
  const there = await database.selectFrom('clusters').select('id').where('name', '=', cluster).executeTakeFirst()
  if (there) return
  const [run] = await listRuns(database, { subject: clusterSubject(cluster), limit: 1 })
  if (!run) throw await noSuchCluster(database, cluster)
}

/** Says who took it off the record, where somebody did, and which of its machines nobody has cleaned. */
export async function noSuchCluster(database: Database, cluster: string): Promise<SlipwayError> {
  const [run] = await listRuns(database, { subject: clusterSubject(cluster), limit: 1 })
  const stages = run?.status === 'completed' ? await readStages(database, run.id) : []
  if (!run || !stages.some(({ decision }) => isForgetting(decision))) return noClusterYet(database, cluster)
  const left = await database
    .selectFrom('host_results')
    .select(['host', 'message'])
    .where('run', '=', run.id)
    .where('outcome', '=', 'skipped')
    .orderBy('host')
    .execute()
  const unclean = left.map(({ host }) => host)
  // What is somebody else's is not to be cleaned by whoever reads this.
  const isTheirs = (message: string | null) => message?.startsWith(leftOutText({ accepted: 'left-alone' })) === true
  const destroyed = new Set(stages.flatMap(({ kind, key }) => (kind === destroys ? [key.slice(kind.length + 1)] : [])))
  const ours = left.flatMap(({ host, message: told }) => (isTheirs(told) || destroyed.has(host) ? [] : [host]))
  const message = `there is no cluster ${cluster} any more: run ${run.id} uninstalled it, ended ${run.ended ?? '?'}`
  return new SlipwayError('not-found', unclean.length > 0 ? `${message}, without ${unclean.join(', ')}` : message, {
    facts: { cluster, run: run.id },
    remedy: `What it did: slipway runs ${cluster} ${run.id}.${
      ours.length > 0
        ? ` On ${ours.join(', ')} it has to be cleaned by hand, as root: rke2-uninstall.sh; rm -r /var/lib/slipway.`
        : ''
    }`,
  })
}

/** Kind of the stages that take machines away; one that is gone has nothing to be cleaned. */
const destroys = 'machine/destroy'

/** Machines have names of their own, and commands of their own. */
async function noClusterYet(database: Database, name: string): Promise<SlipwayError> {
  const message = `there is no cluster ${name}`
  const [run] = await listRuns(database, { subject: machineSubject(name), limit: 1 })
  if (!run && !(await findMachine(database, name))) return new SlipwayError('not-found', message)
  return new SlipwayError('not-found', message, {
    remedy: `${name} is a machine: slipway machine show ${name}, slipway runs --machine ${name}, slipway events --machine ${name}.`,
  })
}

/** The run that has begun to uninstall a cluster and has not ended it, unless the cluster was applied since. */
export async function unendedUninstall(
  database: Database,
  cluster: { readonly id: number; readonly name: string },
): Promise<NonNullable<RecordedCluster['uninstalling']> | null> {
  const { id, name } = cluster
  const operation = sql<unknown>`(SELECT plan -> 'operation' FROM plans WHERE hash = runs.plan_hash)`
  const run = await database
    .selectFrom('runs')
    .select(['id', 'status', 'created', 'accepted', operation.as('operation')])
    .where(isOf(clusterSubject(name)))
    .where(sql<boolean>`${operation} ->> 'operation' IN ('uninstall', 'apply')`)
    // One that was cancelled before its first attempt has changed nothing.
    .where(({ exists, selectFrom }) => exists(selectFrom('attempts').select('stage').whereRef('run', '=', 'runs.id')))
    .orderBy('created', 'desc')
    .limit(1)
    .executeTakeFirst()
  const planned = plannedOperationShape.safeParse(run?.operation).data
  // What was uninstalled to its end was another cluster of the same name.
  if (!run || planned?.operation !== 'uninstall' || run.status === 'completed') return null
  const wiped = await database
    .selectFrom('nodes')
    .select('hostname')
    .where('cluster_id', '=', id)
    .where('status', '=', 'removed')
    .where('status_since', '>=', run.created)
    .orderBy('position')
    .execute()
  const { keep_snapshots, destroy_machines } = planned
  return {
    run: run.id,
    wiped: wiped.map(({ hostname }) => hostname),
    keep_snapshots,
    destroy_machines,
    accepted: z.array(z.string()).parse(run.accepted),
  }
}
