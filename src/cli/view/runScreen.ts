import { type Paint, printable, type Style, withoutStars } from '../terminal.ts'
import { duration } from './duration.ts'
import type { RunModel, StageModel } from './runModel.ts'
import { spinner } from './spinner.ts'

export interface Screen {
  readonly columns: number
  readonly rows: number
  /** The run has ended or is left: every stage is shown, and no log. */
  readonly over: boolean
  /** This machine's time, ms since the epoch; those of the run are the server's. */
  readonly now: number
  readonly paint: Paint
}

const mostHosts = 6
const mostLogLines = 8

/** The run as a tree of stages and hosts with the log's tail, in less than `rows` lines of less than `columns` characters. Pure. */
export function runScreen(run: RunModel, screen: Screen): string[] {
  const { paint, now, columns } = screen
  const head = { text: `${run.title}  run ${run.id}  ${duration(now - run.began)}`, style: 'bold' as const }
  const stages = [...run.stages.flatMap(stage => stageLines(stage, screen)), ...betweenStages(run, screen)]
  const room = screen.over ? Infinity : Math.max(3, screen.rows - 2)
  const shown = stages.length + 1 <= room ? stages : shortened(stages, room - 1)
  const free = screen.over ? 0 : Math.min(mostLogLines, room - shown.length - 2)
  const tail =
    free > 1 ? run.tail(free).map(text => ({ text: `  ${withoutStars(printable(text))}`, style: 'dim' as const })) : []
  const rule = tail.length > 0 ? [{ text: '─'.repeat(Math.min(columns - 1, 60)), style: 'dim' as const }] : []
  return [head, ...shown, ...rule, ...tail].map(line => {
    const cut = line.text.length < columns ? line.text : `${line.text.slice(0, columns - 2)}…`
    return line.style === null ? cut : paint(line.style, cut)
  })
}

/** Before each stage the machines are looked at again; that takes its time when one of them doesn't answer. */
function betweenStages({ stages }: RunModel, { over, now }: Screen): Line[] {
  const isBetween = stages.some(({ status }) => status === 'waiting') && !stages.some(isRunning)
  return isBetween && !over ? [{ text: `  ${spinner(now)} looks at what comes next`, style: 'cyan' }] : []
}

const isRunning = ({ status }: StageModel): boolean => status === 'running'

interface Line {
  readonly text: string
  readonly style: Style | null
  /** Lines that may go first when there is no room. */
  readonly spare?: boolean
}

function stageLines(stage: StageModel, { now }: Screen): Line[] {
  const time =
    stage.started === null || stage.status === 'waiting' ? '' : `  ${duration((stage.ended ?? now) - stage.started)}`
  switch (stage.status) {
    case 'running': {
      const attempt = stage.attempt > 1 ? `  attempt ${stage.attempt}` : ''
      const hosts = [...stage.said].slice(-mostHosts).map(
        ([host, said]): Line => ({
          text: `      ${host === '' || said.startsWith(`${host}: `) ? '' : `${host}: `}${printable(said)}`,
          style: 'dim',
          spare: true,
        }),
      )
      return [{ text: `  ${spinner(now)} ${stage.title}${time}${attempt}`, style: 'cyan' }, ...hosts]
    }
    case 'completed':
      return [{ text: `  ✔ ${stage.title}${time}`, style: 'green', spare: true }]
    case 'skipped':
      return [{ text: `  – ${stage.title}: nothing to do`, style: 'dim', spare: true }]
    case 'failed':
      return [{ text: `  ✖ ${stage.title}${time}: ${printable(stage.message)}`, style: 'red' }]
    case 'cancelled':
      return [{ text: `  ■ ${stage.title}: cancelled`, style: 'yellow', spare: true }]
    case 'blocked':
      return [{ text: `  ■ ${stage.title}: blocked`, style: 'yellow', spare: true }]
    case 'waiting':
      return [{ text: `  · ${stage.title}`, style: 'dim', spare: true }]
  }
}

/** Leaves out what says least, and says how much that was. */
function shortened(lines: readonly Line[], room: number): Line[] {
  const keep = room - 1
  const important = lines.filter(line => !line.spare).slice(0, keep)
  const chosen = new Set([...important, ...lines.filter(line => line.spare).slice(0, keep - important.length)])
  const shown = lines.filter(line => chosen.has(line))
  return [...shown, { text: `  … ${lines.length - shown.length} more lines`, style: 'dim' }]
}
