import type { PlaybookEvent } from '../../ansible/events.ts'

/**
 * Tells how far a play is by the roles that its tasks are of: each word once, when the first task of a role begins on any
 * host. A name of a task is `role : task`.
 */
export function roleProgress(tell: (message: string) => void): (event: PlaybookEvent) => void {
  let play = ''
  let role = ''
  return event => {
    if (event.event === 'play') play = event.play
    if (event.event !== 'task' || event.outcome !== 'start') return
    const [of, task] = event.task.split(' : ', 2)
    const now = task === undefined || of === undefined ? play : of
    if (now === role || now === '') return
    role = now
    tell(now === play ? play : `${play}: role ${now}`)
  }
}
