import { SlipwayError } from '../domain/errors.ts'
import type { AttemptContext } from '../engine/contract/stage.ts'
import type { Call } from '../kubernetes/caller.ts'
import type { ClusterClient } from '../kubernetes/client.ts'
import type { LooseObject } from '../kubernetes/looseObject.ts'
import type { ApiObject } from '../kubernetes/resource.ts'
import { waitForAll } from '../kubernetes/waitFor.ts'
import type { Condition } from './contract.ts'

type Reading = Pick<ClusterClient, 'get' | 'snapshot' | 'watch'>

export interface Waiting {
  readonly signal: AbortSignal
  /** ms */
  readonly timeout: number
  tell(message: string): void
}

/** Least that is waited for, ms: what has just become ready is seen. */
const leastWait = 1000

/**
 * How a stage waits that has begun to act at a moment: for what is left of its time.
 * @param timeout ms, from then on. @param began by `performance.now()`; null: it has not acted now.
 */
export const waitingFor = (
  { signal, progress }: Pick<AttemptContext, 'signal' | 'progress'>,
  timeout: number,
  began: number | null,
): Waiting => ({
  signal,
  timeout: Math.max(leastWait, timeout - (began === null ? 0 : performance.now() - began)),
  tell: message => void progress(message),
})

/** A condition with what is known beyond it. */
export interface Awaited<T extends ApiObject = LooseObject> extends Condition<T> {
  /** Why it is not met, where its time is over; none is told where this fails. */
  why?(client: Pick<ClusterClient, 'get' | 'snapshot'>, call: Call): Promise<readonly string[]>
}

/** What is missing of a condition. */
export interface UnmetCondition {
  readonly title: string
  readonly missing: string
}

/** What each of them lacks now; empty when all are met. */
export async function unmetNow(
  client: Pick<ClusterClient, 'snapshot'>,
  conditions: readonly Condition[],
  call: Call,
): Promise<UnmetCondition[]> {
  const found = conditions.map(async ({ title, resource, query, missing }) => {
    const words = missing((await client.snapshot(resource, query, call)).items)
    return words === null ? [] : [{ title, missing: words }]
  })
  return (await Promise.all(found)).flat()
}

/**
 * Waits by watches until all of them are met. What one of them throws ends the waiting.
 * @throws SlipwayError `workload-not-ready` that says what was seen last; as `waitForAll` says.
 */
export async function untilMet<T extends ApiObject>(
  client: Reading,
  conditions: readonly Awaited<T>[],
  { signal, timeout, tell }: Waiting,
): Promise<void> {
  const ended = new AbortController()
  const one = async ({ title, resource, query, missing, why }: Awaited<T>) => {
    try {
      await waitForAll(client, resource, query, title, {
        signal: AbortSignal.any([signal, ended.signal]),
        timeout,
        missing,
        onMissing: words => tell(`${title}: ${words}`),
      })
    } catch (error) {
      signal.throwIfAborted()
      if (ended.signal.aborted || !(error instanceof SlipwayError) || !tellable.has(error.code)) throw error
      const reasons = (await why?.(client, { signal }).catch(() => [])) ?? []
      throw new SlipwayError('workload-not-ready', [error.message, ...reasons].join('; '), { cause: error })
    }
  }
  try {
    await Promise.all(conditions.map(one))
  } finally {
    ended.abort()
  }
}

const tellable: ReadonlySet<string> = new Set(['stage-timeout', 'workload-not-ready'])
