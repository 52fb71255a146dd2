import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as after } from 'node:timers/promises'
import { z } from 'zod'
import { machineSubject } from '../../src/domain/machine.ts'
import { bindStage, type StageKind, type StageRequest } from '../../src/engine/contract/stage.ts'
import { attemptName } from '../../src/engine/contract/ports.ts'
import { endChildren } from '../../src/processes/endChildren.ts'
import { appendDurably } from './durableFile.ts'

/**
 * A stage for the kill harness. Its effect is made of steps on disk, each flushed before the next; while it acts, a
 * child with a grandchild of its own is alive, which is only found by the marker in its environment. `begun` lists
 * all executions: `KEY ATTEMPT`.
 */
const argumentsSchema = z.object({
  folder: z.string(),
  steps: z.int(),
  stepTime: z.number(),
  /** Names of machines that it changes as well. */
  holds: z.array(z.string()).exactOptional(),
})

export const durableRequest = (
  key: string,
  given: z.infer<typeof argumentsSchema>,
  needs: readonly string[] = [],
): StageRequest => ({
  kind: 'durable',
  key,
  title: `Make ${key}`,
  needs: needs.map(stage => ({ stage })),
  arguments: given,
})

export const durableKind: StageKind = {
  kind: 'durable',
  bind({ key, arguments: raw }) {
    const { folder, steps, stepTime, holds = [] } = argumentsSchema.parse(raw)
    const step = (number: number): string => join(folder, `${key}.${number}`)
    const left = (): number[] =>
      Array.from({ length: steps }, (_, index) => index).filter(one => !existsSync(step(one)))
    return bindStage({
      timeout: 30_000,
      touches: [],
      hosts: [`host-of-${key}`],
      holds: holds.map(machineSubject),
      observe: async () => left(),
      checkPrerequisites: () => [],
      shouldRun: missing =>
        missing.length === 0
          ? { kind: 'skip', reason: 'all steps are made' }
          : {
              kind: 'run',
              reason: `${missing.length} steps are missing`,
              changes: missing.map(one => ({ effect: 'create', target: `${key}.${one}`, summary: `make step ${one}` })),
            },
      async execute(context, missing) {
        await appendDurably(join(folder, 'begun'), `${key} ${context.attempt}`)
        spawn('sh', ['-c', 'setsid sleep 600 & sleep 600'], {
          env: { ...process.env, ...context.environment },
          stdio: 'ignore',
          detached: true,
        })
        for (const one of missing) {
          await after(stepTime, undefined, { signal: context.signal })
          await context.log(`step ${one} of ${key}\n`)
          await appendDurably(step(one), 'made')
        }
        await endChildren({ attempt: attemptName(context.run, key, context.attempt) }, 0)
      },
      waitForReady: async context => {
        if (left().length > 0) throw new Error(`${key} is not ready`)
        await context.progress(`${key} is ready`)
      },
      outputs: async () => ({ steps }),
    })
  },
}
