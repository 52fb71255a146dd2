import type { RunDetail } from '../../api/runs/shapes.ts'
import type { Client } from '../client/client.ts'
import { printable, withoutStars } from '../terminal.ts'
import { followLog } from './followLog.ts'

const lines = 15

/** The last lines of the log of the first stage that failed. */
export async function logTail(client: Client, run: RunDetail): Promise<string[]> {
  const failed = run.stages.find(stage => stage.status === 'failed')
  if (!failed) return []
  let text = ''
  const pieces = followLog(client, { run: run.id, stage: failed.key, follow: false }, new AbortController().signal)
  for await (const piece of pieces) if (piece.attempt === failed.attempts) text = (text + piece.text).slice(-32_000)
  return text
    .trimEnd()
    .split('\n')
    .slice(-lines)
    .map(line => withoutStars(printable(line)))
    .filter(line => line.trim() !== '')
}
