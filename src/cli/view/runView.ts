import type { RunDetail } from '../../contract/runs.ts'
import { isDrawable, paint, printable, say } from '../terminal.ts'
import { createRunModel } from './runModel.ts'
import { runScreen } from './runScreen.ts'
import { frame } from './spinner.ts'
import { toldOnce } from './toldOnce.ts'
import type { RunEvent, LogPiece } from '../../contract/events.ts'

/** Shows a run while it goes on. */
export interface RunView {
  event(event: RunEvent): void
  log(piece: LogPiece): void
  lost(): void
  /** Takes the picture from the screen, so that something can be asked; `resume` brings it back. */
  pause(): void
  resume(): void
  end(): void
}

/** A picture that changes in place on a terminal; elsewhere a line an event. */
export const openRunView = (run: RunDetail): RunView => (isDrawable() ? liveView(run) : plainView(run))

const clearBelow = '\u001b[J'
const up = (lines: number): string => (lines > 0 ? `\u001b[${lines}A\r` : '\r')

function liveView(run: RunDetail): RunView {
  const model = createRunModel(run)
  const out = process.stderr
  let drawn = 0
  let shown = true
  const draw = (over: boolean): void => {
    if (!shown) return
    const size = { columns: out.columns || 80, rows: out.rows || 24 }
    const lines = runScreen(model, { ...size, over, now: Date.now(), paint })
    out.write(`${up(drawn)}${clearBelow}${lines.join('\n')}\n`)
    drawn = lines.length
  }
  const timer = setInterval(() => draw(false), frame)
  return {
    event: event => model.event(event),
    log: piece => model.log(piece),
    lost: () => {},
    pause() {
      shown = false
      out.write(`${up(drawn)}${clearBelow}`)
      drawn = 0
    },
    resume() {
      shown = true
    },
    end() {
      clearInterval(timer)
      shown = true
      draw(true)
    },
  }
}

/** `2026-01-31T10:00:00Z  rke2/join:m2  m2  waiting for etcd voter` */
function plainView({ stages }: RunDetail): RunView {
  const names = new Map(stages.map(({ key, name }) => [key, name]))
  const messageOf = toldOnce()
  return {
    event(event) {
      const { at, type, stage, host } = event
      const place = stage && (names.get(stage) ?? stage)
      const words = [at.replace(/\.\d+/, ''), place, host, label(type), printable(messageOf(event))]
      say(words.filter(Boolean).join('  '))
    },
    log: () => {},
    lost: () => say('The server was lost; looking for it …'),
    pause: () => {},
    resume: () => {},
    end: () => {},
  }
}

/** What is going on speaks for itself. */
const label = (type: RunEvent['type']): string => (type === 'progress' || type === 'task' ? '' : type)
