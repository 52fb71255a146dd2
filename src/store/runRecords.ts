import type { RunRecords } from '../engine/contract/records.ts'
import { sql } from 'kysely'
import { createRun } from './createRun.ts'
import { followEvents, followLog } from './follow.ts'
import { claimRun, holdLease, otherOwners, releaseLease, renewLeases } from './leases.ts'
import type { Notices } from './notices.ts'
import { findPlan, savePlan } from './plans.ts'
import { readRun, readStages } from './runs.ts'
import { desiredVersion } from './subjects.ts'
import type { Database } from './tables.ts'
import { fenceJson, writeTransition } from './transitions.ts'

/** The engine's port, on this database. */
export function runRecords(database: Database, notices: Notices, exclusive: boolean): RunRecords {
  return {
    exclusive,
    savePlan: (plan, by) => savePlan(database, plan, by),
    findPlan: prefix => findPlan(database, prefix),
    createRun: (plan, approval) => createRun(database, plan, approval),
    readRun: run => readRun(database, run),
    readStages: run => readStages(database, run),
    desiredVersion: subject => desiredVersion(database, subject),
    async finishedHosts(run, stage) {
      const rows = await database
        .selectFrom('host_results')
        .select('host')
        .where('run', '=', run)
        .where('stage', '=', stage)
        .where('outcome', 'in', ['ok', 'changed'])
        .execute()
      return new Set(rows.map(row => row.host))
    },
    write: (run, transition, guard) => writeTransition(database, run, transition, guard),
    async appendLog(run, chunks, lease) {
      await sql`SELECT append_log(${run}, ${fenceJson(lease)}::jsonb, ${JSON.stringify(chunks)}::jsonb)`.execute(
        database,
      )
    },
    claim: (worker, timeToLive, dead) => claimRun(database, worker, timeToLive, dead),
    hold: (worker, subject, timeToLive, dead) => holdLease(database, worker, subject, timeToLive, dead),
    renew: (leases, timeToLive) => renewLeases(database, leases, timeToLive),
    release: lease => releaseLease(database, lease),
    otherOwners: worker => otherOwners(database, worker),
    follow: (run, after, signal) => followEvents(database, notices, run, after, signal),
    followLog: (run, from, signal) => followLog(database, notices, run, from, signal),
    onWork: listener => notices.on('work', null, listener),
  }
}
