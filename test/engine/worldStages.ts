import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as after } from 'node:timers/promises'
import { z } from 'zod'
import { bindStage, type Change, type StageKind, type StageRequest } from '../../src/engine/contract/stage.ts'
import { appendDurably } from './durableFile.ts'

/**
 * Stages whose world is a folder: `NAME.done` says that a stage has done its work, `executed` is a list of all
 * executions, one line each, appended and flushed before the effect. What a stage does is told by its arguments.
 */
const argumentsSchema = z.object({
  folder: z.string(),
  /** ms that the work takes. */
  takes: z.number().optional(),
  /** Fails so many times before it succeeds. */
  fails: z.number().optional(),
  transient: z.boolean().optional(),
  timeout: z.number().optional(),
  ignoresSignal: z.boolean().optional(),
  /** More than `done` when the file `extra` exists. */
  extra: z.boolean().optional(),
  deferredTo: z.string().optional(),
  log: z.string().optional(),
  hosts: z.array(z.string()).optional(),
})
export type WorldArguments = z.infer<typeof argumentsSchema>

export const request = (
  key: string,
  given: WorldArguments,
  needs: StageRequest['needs'] = [],
  rest: Partial<StageRequest> = {},
): StageRequest => ({ kind: 'world', key, title: `Do ${key}`, needs, arguments: z.json().parse(given), ...rest })

export const worldKind: StageKind = {
  kind: 'world',
  aliases: ['old-world'],
  bind({ key, arguments: raw }) {
    const given = argumentsSchema.parse(raw)
    const done = join(given.folder, `${key.replaceAll('/', '_')}.done`)
    let failures = 0
    return bindStage({
      timeout: given.timeout ?? 20_000,
      touches: [`${key} `],
      ...(given.hosts && { hosts: given.hosts }),
      ...(given.transient && { retry: { attempts: 3, backoff: 10, when: () => true } }),
      observe: async () => ({
        done: existsSync(done),
        until: given.deferredTo !== undefined && !existsSync(join(given.folder, `${given.deferredTo}.done`)),
        extra: given.extra === true && existsSync(join(given.folder, 'extra')),
      }),
      checkPrerequisites: () => [],
      shouldRun(observed) {
        if (observed.until && given.deferredTo !== undefined)
          return { kind: 'deferred', reason: 'not known yet', until: given.deferredTo, effects: ['create'] }
        const changes: Change[] = []
        if (!observed.done) changes.push({ effect: 'create', target: key, summary: `create ${key}` })
        if (observed.extra) changes.push({ effect: 'delete', target: 'extra', summary: 'delete extra' })
        return changes.length > 0
          ? { kind: 'run', reason: 'not done', changes }
          : { kind: 'skip', reason: 'done already' }
      },
      async execute(context) {
        await appendDurably(join(given.folder, 'executed'), key)
        if (given.log !== undefined) await context.log(given.log)
        if (given.takes !== undefined)
          await after(given.takes, undefined, given.ignoresSignal ? {} : { signal: context.signal })
        if (failures++ < (given.fails ?? 0)) throw new Error(`${key} failed on purpose`)
        await appendDurably(done, 'done')
      },
      waitForReady: async () => {},
      outputs: async () => ({ made: key }),
    })
  },
}
