import { createRegistry, type Registry } from '../../src/engine/contract/registry.ts'
import { bindStage, type Change, type Stage, type StageRequest } from '../../src/engine/contract/stage.ts'

/** Stages that a test writes as code: what is not given does nothing and succeeds. */
export type CodeStage = Partial<Stage> & { readonly needs?: StageRequest['needs'] }

export interface CodeStages {
  readonly registry: Registry
  readonly requests: readonly StageRequest[]
  /** Keys of stages in the order in which they were executed. */
  readonly executed: readonly string[]
}

export const create = (target: string): Change => ({ effect: 'create', target, summary: `create ${target}` })

/** Until it is executed, a stage would create itself; afterwards it has nothing to do. */
export function codeStages(stages: Readonly<Record<string, CodeStage>>): CodeStages {
  const executed: string[] = []
  const registry = createRegistry([
    {
      kind: 'code',
      bind: ({ key }) => {
        const own = stages[key] ?? {}
        return bindStage({
          timeout: 20_000,
          touches: [],
          observe: async () => null,
          checkPrerequisites: () => [],
          shouldRun: () =>
            executed.includes(key)
              ? { kind: 'skip', reason: 'was executed' }
              : { kind: 'run', reason: 'was not executed', changes: [create(key)] },
          waitForReady: async () => {},
          ...own,
          execute: async (context, observed) => {
            await own.execute?.(context, observed)
            executed.push(key)
          },
        })
      },
    },
  ])
  const requests = Object.entries(stages).map(
    ([key, { needs = [] }]): StageRequest => ({ kind: 'code', key, title: `Do ${key}`, needs, arguments: null }),
  )
  return { registry, requests, executed }
}
