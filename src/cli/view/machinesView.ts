import type { RunEvent } from '../../contract/events.ts'
import { withoutHost } from '../../domain/withoutHost.ts'
import { isDrawable, paint, printable, say } from '../terminal.ts'
import { duration } from './duration.ts'
import { frame, spinner } from './spinner.ts'
import { type Told, toldOnce } from './toldOnce.ts'

/** Shows the runs of several machines while they go on side by side. */
export interface MachinesView {
  event(machine: string, event: RunEvent): void
  /** Nobody works on it any more. */
  ended(machine: string): void
  lost(): void
  /** Takes the picture from the screen, so that something can be asked; `resume` brings it back. */
  pause(): void
  resume(): void
  end(): void
}

/** A line a machine that changes in place on a terminal; elsewhere a line an event. */
export const openMachinesView = (machines: readonly string[]): MachinesView =>
  isDrawable() ? liveView(machines) : plainView(machines)

/** What only says that something goes on, between two events that say what. */
const silent: ReadonlySet<RunEvent['type']> = new Set(['run-started', 'stage-started', 'run-failed', 'run-completed'])

/** `created`, of a stage that is complete; else what the event says, without the machine's name before it. */
export function machineText(machine: string, event: RunEvent, tell: Told): string | null {
  if (silent.has(event.type)) return null
  if (event.type === 'stage-completed') return 'done'
  const said = withoutHost(withoutHost(tell(event), `machine ${machine}`), machine)
  switch (event.type) {
    case 'progress':
      return said
    case 'run-queued':
      return `run ${event.run}: ${said}`
    case 'stage-failed':
      return `failed: ${said}`
    default:
      return `${event.type}: ${said}`
  }
}

function plainView(machines: readonly string[]): MachinesView {
  const widest = Math.max(...machines.map(({ length }) => length))
  const tellOf = new Map(machines.map(machine => [machine, toldOnce()]))
  return {
    event(machine, event) {
      const text = machineText(machine, event, tellOf.get(machine) ?? toldOnce())
      if (text !== null) say(`${event.at.replace(/\.\d+/, '')}  ${machine.padEnd(widest)}  ${printable(text)}`)
    },
    ended: () => {},
    lost: () => say('The server was lost; looking for it …'),
    pause: () => {},
    resume: () => {},
    end: () => {},
  }
}

interface MachineLine {
  said: string
  readonly began: number
  ended: number | null
  failed: boolean
}

/** Lines of the screen that are left for those machines that are at work. */
const spare = 3

function liveView(machines: readonly string[]): MachinesView {
  const out = process.stderr
  const widest = Math.max(...machines.map(({ length }) => length))
  const lines = new Map(
    machines.map(machine => [machine, { said: '', began: Date.now(), ended: null, failed: false } as MachineLine]),
  )
  const tell = toldOnce()
  let drawn = 0
  let shown = true
  const clear = (): void => {
    out.write(`${drawn > 0 ? `\u001b[${drawn}A\r` : '\r'}\u001b[J`)
    drawn = 0
  }
  const draw = (): void => {
    if (!shown) return
    clear()
    const all = [...lines].toSorted(([, a], [, b]) => Number(a.ended !== null) - Number(b.ended !== null))
    const room = Math.max(1, (out.rows || 24) - spare)
    const visible = all.slice(0, room).map(([machine, line]) => lineText(machine.padEnd(widest), line))
    if (all.length > room) visible.push(`  … ${all.length - room} more machines`)
    out.write(`${visible.join('\n')}\n`)
    drawn = visible.length
  }
  const timer = setInterval(draw, frame)
  return {
    event(machine, event) {
      const line = lines.get(machine)
      const text = machineText(machine, event, tell)
      if (!line || text === null) return
      line.said = printable(text)
      line.failed = event.type === 'stage-failed'
    },
    ended(machine) {
      const line = lines.get(machine)
      if (line) line.ended = Date.now()
    },
    lost: () => {},
    pause() {
      shown = false
      clear()
    },
    resume() {
      shown = true
    },
    end() {
      clearInterval(timer)
      shown = true
      draw()
    },
  }
}

function lineText(machine: string, { said, began, ended, failed }: MachineLine): string {
  const columns = (process.stderr.columns || 80) - 1
  const sign = ended === null ? spinner(Date.now()) : failed ? '✖' : '✔'
  const text = `  ${sign} ${machine}  ${duration((ended ?? Date.now()) - began)}  ${said}`
  const cut = text.length <= columns ? text : `${text.slice(0, columns - 1)}…`
  return paint(ended === null ? 'cyan' : failed ? 'red' : 'green', cut)
}
