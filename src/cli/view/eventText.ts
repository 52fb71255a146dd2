import { type RunEvent, taskData } from '../../contract/events.ts'

/** What an event says, in one line for people. */
export function eventText({ type, message, data }: Pick<RunEvent, 'type' | 'message' | 'data'>): string {
  if (type !== 'task') return message
  const { outcome, seconds } = taskData.parse(data)
  return `${message}: ${outcome}${seconds === null ? '' : ` in ${seconds.toFixed(1)} s`}`
}
