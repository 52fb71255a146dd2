import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import {
  bindStage,
  type Change,
  type StageKind,
  type StageRequest,
  type Unmet,
} from '../../src/engine/contract/stage.ts'
import { appendDurably } from './durableFile.ts'

/**
 * A batch of hosts whose world is a folder: `HOST.off` says that a host is off, `HOST.done` that its work is done, and
 * `broken` that something is wrong which concerns all of them. `executed` has a line for each host that was worked on.
 */
const argumentsSchema = z.object({ folder: z.string(), hosts: z.array(z.string()), accepted: z.array(z.string()) })

export const batch = (
  key: string,
  given: z.input<typeof argumentsSchema>,
  needs: StageRequest['needs'] = [],
): StageRequest => ({ kind: 'batch', key, title: `Do ${key}`, needs, arguments: z.json().parse(given) })

interface Observed {
  readonly hosts: readonly string[]
  readonly off: readonly string[]
  readonly done: readonly string[]
  readonly broken: boolean
}

export const batchKind: StageKind = {
  kind: 'batch',
  bind({ arguments: raw }) {
    const { folder, hosts, accepted } = argumentsSchema.parse(raw)
    const is = (host: string, state: string) => existsSync(join(folder, `${host}.${state}`))
    return bindStage<Observed, unknown, void>({
      timeout: 20_000,
      touches: [],
      hosts,
      records: { batch: {} },
      observe: async () => ({
        hosts,
        off: hosts.filter(host => is(host, 'off')),
        done: hosts.filter(host => is(host, 'done')),
        broken: existsSync(join(folder, 'broken')),
      }),
      checkPrerequisites: ({ off, broken }) => [
        ...off.map((host): Unmet => {
          const what = {
            name: 'host-unreachable',
            severity: 'error',
            about: `node ${host}`,
            remedy: 'Boot it.',
          } as const
          const mayBeLeftOut = accepted.includes(host) && { accepted: 'unreachable' }
          return { ...what, message: `${host} is off`, hosts: [host], ...mayBeLeftOut }
        }),
        ...(broken
          ? [{ name: 'token-differs', severity: 'error', about: 'all', message: 'it is broken', remedy: '' } as const]
          : []),
      ],
      shouldRun({ hosts: seen, off, done }) {
        const lacking = seen.filter(host => !off.includes(host) && !done.includes(host))
        const changes = lacking.map((host): Change => ({ effect: 'create', target: host, summary: `do ${host}` }))
        return changes.length > 0
          ? { kind: 'run', reason: 'not done', changes }
          : { kind: 'skip', reason: 'done already' }
      },
      without({ broken, ...observed }, gone) {
        const left = (list: readonly string[]) => list.filter(host => !gone.has(host))
        const rest = left(observed.hosts)
        return rest.length === 0 ? null : { hosts: rest, off: left(observed.off), done: left(observed.done), broken }
      },
      async execute(context, { hosts: seen, done }) {
        for (const host of seen.filter(one => !done.includes(one))) {
          await appendDurably(join(folder, 'executed'), host)
          await appendDurably(join(folder, `${host}.done`), 'done')
          await context.hostResult(host, 'changed')
        }
      },
      waitForReady: async () => {},
    })
  },
}
