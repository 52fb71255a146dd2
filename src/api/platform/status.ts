import type { PlatformEntry, PlatformStatus } from '../../contract/platform.ts'
import { type SlipwayError, toSlipwayError } from '../../domain/errors.ts'
import { clusterSubject } from '../../domain/subject.ts'
import type { PlannedStage } from '../../contract/plan.ts'
import { plan as planStages } from '../../engine/plan/planner.ts'
import { listedPlatform, type ListedPart } from '../../platform/listed.ts'
import { halfText, leftoverNotes, type Leftover } from '../../platform/leftovers.ts'
import { platformOf } from '../../platform/spec.ts'
import { previewDesiredState } from '../../store/previewDesiredState.ts'
import { readRecordedCluster } from '../../store/recordedCluster.ts'
import { lastTries, listRuns, type StageTry } from '../../store/runs.ts'
import type { Application } from '../application.ts'
import { draftOf } from '../plans/draftOf.ts'
import { lastRunOf } from './lastRun.ts'
import { standingOf } from './standing.ts'

const operation = { operation: 'platform-apply', components: [] } as const

/**
 * How the platform of a cluster stands to its desired state: the plan of `platform-apply`, seen as state, with what runs have
 * done about it and what is there besides. Stores nothing.
 * @throws SlipwayError `not-found`, `stored-state-refused`.
 */
export async function platformStatus(
  application: Application,
  name: string,
  signal: AbortSignal,
): Promise<PlatformStatus> {
  const { database } = application.store
  const draft = await draftOf(application, { cluster: name, operation, accept: [] })
  const platform = platformOf(draft.desired.spec) ?? {}
  const parts = listedPlatform(platform)
  const subject = clusterSubject(name)
  const keys = parts.map(({ key }) => key)
  const [recorded, preview, tries, [run]] = await Promise.all([
    readRecordedCluster(database, name),
    previewDesiredState(database, draft.desired),
    lastTries(database, subject, keys),
    listRuns(database, { subject, limit: 1 }),
  ])
  const opened = await application.planning.open(draft, recorded)
  try {
    const looked_at = new Date().toISOString()
    const [plan, seen] = await Promise.all([
      planStages(opened.stages, opened.registry, { subject, desiredVersion: preview.desired_version, signal }),
      opened.leftovers(signal).then(
        found => ({ found, error: null }),
        (error: unknown) => {
          signal.throwIfAborted()
          return { found: [], error: toSlipwayError(error) }
        },
      ),
    ])
    const stages = new Map(plan.stages.map(stage => [stage.key, stage]))
    const components = parts.map(part => entryOf(part, stages, parts, tries, seen.found))
    const notes = leftoverNotes(seen.found, platform)
    const findings = opened.findings.map(({ place: _place, ...finding }) => finding)
    return {
      cluster: name,
      looked_at,
      differs: components.some(({ state }) => !settled.has(state)) || findings.length > 0 || seen.error !== null,
      plan: plan.hash,
      under_way: run && (run.status === 'running' || run.status === 'queued') ? run.id : null,
      api: { error: seen.error && told(seen.error) },
      components,
      notes,
      findings,
    }
  } finally {
    await opened.close()
  }
}

const settled: ReadonlySet<PlatformEntry['state']> = new Set(['ready', 'external', 'off'])

function entryOf(
  part: ListedPart,
  stages: ReadonlyMap<string, PlannedStage>,
  parts: readonly ListedPart[],
  tries: ReadonlyMap<string, StageTry>,
  leftovers: readonly Leftover[],
): PlatformEntry {
  const { key, ...shown } = part
  const stage = stages.get(key)
  const last = tries.get(key)
  const nameOf = (other: string) => parts.find(one => one.key === other)?.name ?? other
  const standing = stage ? standingOf(stage, stages, nameOf) : offOf(part.name, leftovers)
  return { ...shown, ...standing, last_run: last ? lastRunOf(last) : null }
}

/** The cluster file turns it off. */
const offOf = (name: string, leftovers: readonly Leftover[]) => {
  const left = leftovers.filter(leftover => leftover.name === name)
  const half = left.filter(leftover => leftover.half !== null).map(halfText)
  const stays = left.length > half.length ? ['what is there of it stays as it is'] : []
  return {
    state: 'off',
    version: null,
    where: left.length === 0 ? null : left.map(({ where }) => where).join(', '),
    owner: null,
    storage_class: null,
    reason: ['turned off in the cluster file', ...stays, ...half].join('; '),
    waits_for: [],
    findings: [],
  } as const
}

const told = ({ code, message, remedy }: SlipwayError) => ({ code, message, remedy })
