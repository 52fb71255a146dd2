import type { LogSink } from './logSink.ts'
import { attemptEnvironment, attemptName } from '../contract/ports.ts'
import { underLease } from './runWriter.ts'
import { type LiveRun, type LiveStage, stageContext } from './runState.ts'
import type { AttemptContext, BoundStage, Change, HostOutcome } from '../contract/stage.ts'

export interface OpenedAttempt {
  readonly bound: Pick<BoundStage, 'hosts' | 'records'>
  readonly number: number
  /** The approved ones. */
  readonly changes: readonly Change[]
  readonly leftOut: ReadonlySet<string>
}

/** What a stage has while it acts. `close` makes it dead: work that was left behind can't write any more. */
export function attemptContext(
  run: LiveRun,
  stage: LiveStage,
  { bound, number: attempt, changes, leftOut }: OpenedAttempt,
  sink: LogSink,
  signal: AbortSignal,
): { readonly context: AttemptContext; close(): void } {
  const { key } = stage.request
  const batch = bound.records?.batch
  const name = attemptName(run.record.id, key, attempt)
  let open = true
  const check = (): void => {
    if (!open) throw new Error(`attempt ${name} is over`)
  }
  const at = (host?: string) => ({ stage: key, attempt, ...(host !== undefined && { host }) })
  const context: AttemptContext = {
    ...stageContext(run, key, signal),
    run: run.record.id,
    stage: key,
    attempt,
    fence: { epoch: run.held.lease.epoch, number: run.held.lease.number },
    changes,
    leftOut,
    environment: attemptEnvironment(run.held.lease.worker, name),
    log: text => (open ? sink.write(text) : undefined),
    async progress(message, host) {
      check()
      await run.writer.write({ events: [{ type: 'progress', message, ...at(host) }] })
    },
    async task(host, name, data) {
      check()
      await run.writer.write({ events: [{ type: 'task', message: name, ...at(host), data }] })
    },
    async beginHosts(hosts, message) {
      check()
      const idle = (bound.hosts ?? []).filter(host => !hosts.includes(host) && !leftOut.has(host))
      const list = [
        ...hosts.flatMap(host => batch?.begun?.(host) ?? []),
        ...idle.flatMap(host => batch?.idle?.(host) ?? []),
      ]
      await run.writer.write({ events: [{ type: 'progress', message, ...at() }], changes: { list, attempt: name } })
      for (const host of hosts) stage.open.add(host)
    },
    async hostResult(host, outcome, message) {
      check()
      const list = (isFine(outcome) ? batch?.done?.(host) : batch?.failed?.(host, message ?? outcome)) ?? []
      await run.writer.write({
        results: [{ stage: key, host, attempt, outcome, message: message ?? null }],
        events: [
          {
            type: 'host-result',
            message: message ?? outcome,
            ...at(host),
            data: { outcome, reason: message ?? null },
          },
        ],
        changes: { list, attempt: name },
      })
      stage.open.delete(host)
    },
    async finishedHosts() {
      return underLease(run.held, () => run.ports.records.finishedHosts(run.record.id, key))
    },
    async record(message, list) {
      check()
      await run.writer.write({ events: [{ type: 'progress', message, ...at() }], changes: { list, attempt: name } })
    },
  }
  return {
    context,
    close: () => {
      open = false
    },
  }
}

const isFine = (outcome: HostOutcome): boolean => outcome !== 'failed' && outcome !== 'unreachable'
