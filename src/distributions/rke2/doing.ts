import type { Change } from '../../engine/contract/stage.ts'

/** What is done to a machine. A member that gets other settings does not join. */
export type Doing = 'join' | 'change' | 'rewrite' | 'files' | 'restart' | 'start' | 'wait'

/** What the changes of this host come to; `isMember`: the cluster knows it already, or nobody can say. Pure. */
export function doingOf(hostname: string, changes: readonly Change[], isMember: boolean): Doing {
  const effectOn = (part: string) => changes.find(({ target }) => target === `node/${hostname}/${part}`)?.effect
  if (!isMember) return 'join'
  // Its configuration is gone, as on a machine that was made anew.
  if (effectOn('config') === 'create') return 'join'
  if (effectOn('config') !== undefined) return effectOn('service') === undefined ? 'rewrite' : 'change'
  const getsFiles = changes.some(({ target }) => target.startsWith(`node/${hostname}/file/`))
  if (getsFiles) return effectOn('service') === undefined ? 'files' : 'change'
  if (effectOn('service') === 'restart') return 'restart'
  return effectOn('service') === undefined ? 'wait' : 'start'
}

const begins: Readonly<Record<Doing, readonly [one: string, several: string]>> = {
  join: ['joins', 'join'],
  change: ['gets other settings, and its service is restarted', 'get other settings, and their services are restarted'],
  rewrite: ['gets its configuration written, without a restart', 'get their configuration written, without a restart'],
  files: ['gets other files of yours', 'get other files of yours'],
  restart: ['is restarted with its settings', 'are restarted with their settings'],
  start: ['is started', 'are started'],
  wait: ['is waited for', 'are waited for'],
}

/** What each host came to, once it is ready. */
export const ends: Readonly<Record<Doing, string>> = {
  join: 'joined',
  change: 'runs with its new settings',
  rewrite: 'has its configuration',
  files: 'has your files',
  restart: 'runs with its settings',
  start: 'runs again',
  wait: 'is ready',
}

/** `w1, w2 join; w3 gets other settings, and its service is restarted` */
export function tellDoing(doing: ReadonlyMap<string, Doing>): string {
  const groups = Map.groupBy(doing, ([, what]) => what)
  return [...groups]
    .map(([what, hosts]) => `${hosts.map(([host]) => host).join(', ')} ${begins[what][hosts.length === 1 ? 0 : 1]}`)
    .join('; ')
}
