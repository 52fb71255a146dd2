import { eventText } from './eventText.ts'
import type { RunDetail, Stage } from '../../contract/runs.ts'
import type { RunEvent, LogPiece } from '../../contract/events.ts'

export interface StageModel {
  readonly key: string
  readonly title: string
  status: Stage['status']
  /** ms since the epoch, the server's clock. */
  started: number | null
  ended: number | null
  attempt: number
  /** What was said last, by host; '' for the stage as a whole. */
  readonly said: Map<string, string>
  message: string
}

/** What is known of a run: its stages as they were, and every event since. */
export interface RunModel {
  readonly id: string
  readonly title: string
  readonly stages: readonly StageModel[]
  readonly began: number
  event(event: RunEvent): void
  log(piece: LogPiece): void
  /** The last whole lines of the log; empty ones say nothing. */
  tail(count: number): readonly string[]
}

const keptLines = 50

const statusAfter: Partial<Record<RunEvent['type'], Stage['status']>> = {
  'stage-started': 'running',
  'stage-retried': 'waiting',
  'stage-waiting': 'waiting',
  'stage-completed': 'completed',
  'stage-skipped': 'skipped',
  'stage-failed': 'failed',
  'stage-cancelled': 'cancelled',
  'stage-blocked': 'blocked',
}

/** Events that say what is going on at a host, or at the stage. */
const saying: ReadonlySet<RunEvent['type']> = new Set(['progress', 'task', 'host-result'])

export function createRunModel(run: RunDetail): RunModel {
  const stages = new Map(run.stages.map(stage => [stage.key, stageModel(stage)]))
  const lines: string[] = []
  const open = new Map<string, string>()
  return {
    id: run.id,
    title: run.title,
    stages: [...stages.values()],
    began: Date.parse(run.created),
    event(event) {
      const stage = event.stage === null ? undefined : stages.get(event.stage)
      if (!stage) return
      const status = statusAfter[event.type]
      if (status) moveTo(stage, status, event)
      if (saying.has(event.type)) stage.said.set(event.host ?? '', eventText(event))
    },
    log({ stage, text }) {
      const parts = ((open.get(stage) ?? '') + text).split('\n')
      open.set(stage, parts.pop() ?? '')
      lines.push(...parts.filter(line => line.trim() !== '').slice(-keptLines))
      lines.splice(0, lines.length - keptLines)
    },
    tail: count => (count > 0 ? lines.slice(-count) : []),
  }
}

function moveTo(stage: StageModel, status: Stage['status'], event: RunEvent): void {
  const at = Date.parse(event.at)
  stage.status = status
  stage.message = eventText(event)
  stage.attempt = event.attempt ?? stage.attempt
  if (status === 'running') {
    stage.started = at
    stage.ended = null
    stage.said.clear()
  } else if (status !== 'waiting') stage.ended = at
}

const stageModel = (stage: Stage): StageModel => ({
  key: stage.key,
  title: stage.title,
  status: stage.status,
  started: stage.started === null ? null : Date.parse(stage.started),
  ended: stage.ended === null ? null : Date.parse(stage.ended),
  attempt: stage.attempts,
  said: new Map(),
  message: stage.reason ?? '',
})
