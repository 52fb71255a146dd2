import { SlipwayError } from '../../domain/errors.ts'
import { type Subject, subjectText } from '../../domain/subject.ts'
import type { RunRecord } from '../../engine/contract/records.ts'
import { isDead } from '../../processes/workerIdentity.ts'
import { leaseHolder } from '../../store/leases.ts'
import { readRun } from '../../store/runs.ts'
import type { Database } from '../../store/tables.ts'
import type { Application } from '../application.ts'
import { endedStatuses } from '../../contract/events.ts'

/**
 * Whether a living worker has the run in its hands; null when it has ended. A run that is `running` on record goes on
 * with the next server when its own has ended; until then nobody may think that something happens.
 */
export async function isExecuted(
  database: Database,
  run: Pick<RunRecord, 'subject' | 'status'>,
): Promise<boolean | null> {
  if (endedStatuses.has(run.status)) return null
  if (run.status !== 'running') return false
  return (await livingHolder(database, run.subject)) !== null
}

async function livingHolder(database: Database, subject: Subject) {
  const holder = await leaseHolder(database, subject)
  return holder !== null && !isDead(holder) ? holder : null
}

/** Says who is at the run that stands in the way, and what can be done; other errors stay as they are. @throws it. */
export async function tellingWhoIsAtIt({ store }: Application, error: unknown): Promise<never> {
  if (!(error instanceof SlipwayError) || error.code !== 'lease-held') throw error
  const { run } = error.facts
  if (typeof run !== 'string') throw error
  const record = await readRun(store.database, run)
  throw inTheWay(record, await livingHolder(store.database, record.subject), error)
}

/** A run that another one has to wait for: at work, waiting for a worker, or left by one that is gone. Pure. */
export function inTheWay(
  { id, subject, status, approved_by }: Pick<RunRecord, 'id' | 'subject' | 'status' | 'approved_by'>,
  holder: { readonly host: string; readonly pid: number } | null,
  { cause, facts }: Pick<SlipwayError, 'cause' | 'facts'>,
): SlipwayError {
  if (holder)
    return new SlipwayError(
      'lease-held',
      `run ${id} is changing ${subjectText(subject)}: process ${holder.pid} on ${holder.host} is at it, approved by ${approved_by}`,
      {
        cause,
        facts: { ...facts, host: holder.host, pid: holder.pid },
        remedy: `Follow it: slipway logs -f ${id}. End it: slipway cancel ${id}.`,
      },
    )
  if (status === 'queued')
    return new SlipwayError(
      'lease-held',
      `run ${id} of ${subjectText(subject)} waits for a worker, approved by ${approved_by}`,
      {
        cause,
        facts,
        remedy: `Follow it: slipway logs -f ${id}. Take it back: slipway cancel ${id}.`,
      },
    )
  return new SlipwayError(
    'lease-held',
    `run ${id} of ${subjectText(subject)} was interrupted, and nobody executes it`,
    {
      cause,
      facts,
      remedy: `Go on with it: slipway resume ${id}. End it: slipway cancel ${id}.`,
    },
  )
}
