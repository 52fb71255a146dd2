import type { RunDetail } from '../../contract/runs.ts'
import type { Client } from '../client/client.ts'
import { printable, withoutStars } from '../terminal.ts'
import { followLog } from './followLog.ts'

const lines = 15
/** Characters of a line: Ansible writes all that a module has said into one. */
const longest = 300
/** Errors that leave out what happened before; others say all there is to say, and the log would say it again. */
const brief: ReadonlySet<string> = new Set(['playbook-failed', 'stage-timeout', 'internal', 'run-failed'])

/** The last lines of the log of the first stage that failed, where its error does not say it all. */
export async function logTail(client: Client, run: RunDetail): Promise<string[]> {
  const failed = run.stages.find(stage => stage.status === 'failed')
  if (!failed || !brief.has(failed.error?.code ?? 'run-failed')) return []
  let text = ''
  const pieces = followLog(client, { run: run.id, stage: failed.key, follow: false }, new AbortController().signal)
  for await (const piece of pieces) if (piece.attempt === failed.attempts) text = (text + piece.text).slice(-32_000)
  const told = [run.error?.message, ...(run.error?.findings.map(({ message }) => message) ?? [])].join('\n')
  return text
    .trimEnd()
    .split('\n')
    .filter(line => !saysAgain(line, told))
    .slice(-lines)
    .map(line => withoutStars(printable(line)).slice(0, longest))
    .filter(line => line.trim() !== '')
}

/** Whether this is what Ansible writes of a task that failed, as JSON, and its message stands in the error. */
export function saysAgain(line: string, told: string): boolean {
  const arrow = line.indexOf(' => {')
  if (arrow < 0 || !/^(?:fatal|failed): \[/.test(line)) return false
  const message = messageIn(line.slice(arrow + ' => '.length))
  return message !== '' && told.includes(message.slice(0, enough))
}

/** `msg` of a task's result; empty where that is none. */
function messageIn(result: string): string {
  try {
    const parsed: unknown = JSON.parse(result)
    return typeof parsed === 'object' && parsed !== null && 'msg' in parsed ? String(parsed.msg) : ''
  } catch {
    return ''
  }
}

/** Characters: the error may have cut it. */
const enough = 150
