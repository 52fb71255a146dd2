import type { LastRun } from '../../contract/platform.ts'
import { clusterSubject } from '../../domain/subject.ts'
import { chartKey, componentKey, otherKeys, prerequisitesKey } from '../../platform/named.ts'
import { lastTries, type StageTry } from '../../store/runs.ts'
import { requireRunsOf } from '../../store/uninstalls.ts'
import type { Application } from '../application.ts'

export function lastRunOf({ run, stage, created }: StageTry): LastRun {
  const { key, status, started, ended, error } = stage
  return {
    id: run,
    stage: key,
    status,
    at: ended ?? started ?? created,
    error: error && { code: error.code, message: error.message, remedy: error.remedy },
  }
}

/**
 * Also of one that the cluster file names no longer; null: none has touched it.
 * @throws SlipwayError `not-found` when there is no such cluster.
 */
export async function lastRunOfPart({ store }: Application, cluster: string, name: string): Promise<LastRun | null> {
  await requireRunsOf(store.database, cluster)
  const keys = [
    componentKey(name),
    chartKey(name),
    ...otherKeys(name),
    ...(name === 'prerequisites' ? [prerequisitesKey] : []),
  ]
  const tries = await lastTries(store.database, clusterSubject(cluster), keys)
  const [last] = [...tries.values()].toSorted((one, other) => (one.created < other.created ? 1 : -1))
  return last ? lastRunOf(last) : null
}
