import type { SlipwayError } from '../../domain/errors.ts'
import { createLimiter, type Limiter } from '../../processes/limiter.ts'
import type { ClusterClient } from '../client.ts'
import { retryAfterOf } from '../apiErrors.ts'
import { isPassing } from '../networkErrors.ts'
import { placeName } from '../resource.ts'
import type { Pod } from '../resources.ts'
import { backoff, pause } from '../within.ts'

export interface EvictionPace {
  /** Evictions that are asked for at once; default 20. */
  readonly atOnce?: number
  /** ms after which a pod that a budget holds is asked for again, where the API says nothing else; default 5 s. */
  readonly again?: number
  /** Told what happens, a line at a time. */
  readonly onProgress?: (line: string) => void
}

/** ms */
const longestPause = 5000

/** The pods of a drain that are asked for, each until it is let go. */
export class Evictions {
  /** What the API says of those that it does not let go now, by uid. */
  readonly held = new Map<string, string>()
  /** The last fault that was waited out. */
  fault: SlipwayError | null = null
  readonly #begun = new Map<string, Promise<void>>()
  readonly #client: Pick<ClusterClient, 'evict'>
  readonly #pace: EvictionPace
  readonly #places: Limiter

  constructor(client: Pick<ClusterClient, 'evict'>, pace: EvictionPace) {
    this.#client = client
    this.#pace = pace
    this.#places = createLimiter(pace.atOnce ?? 20)
  }

  begin(pod: Pod, signal: AbortSignal): Promise<void> {
    const begun = this.#begun.get(pod.metadata.uid) ?? this.#evict(pod, signal)
    this.#begun.set(pod.metadata.uid, begun)
    return begun
  }

  /** When none asks any more. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#begun.values())
  }

  async #evict({ metadata }: Pod, signal: AbortSignal): Promise<void> {
    const { uid, namespace = '', name } = metadata
    const title = placeName(metadata)
    for (let tries = 1; ; tries += 1) {
      const wait = await this.#places.run(async () => {
        try {
          const eviction = await this.#client.evict({ namespace, name }, uid, { signal })
          if (eviction.kind !== 'held') return null
          if (!this.held.has(uid)) this.#pace.onProgress?.(`${title} is held: ${eviction.words}`)
          this.held.set(uid, eviction.words)
          return eviction.retryAfter ?? this.#pace.again ?? longestPause
        } catch (error) {
          if (!isPassing(error)) throw error
          this.fault = error
          return retryAfterOf(error) ?? backoff(tries, longestPause)
        }
      }, signal)
      if (wait === null) break
      await pause(wait, signal)
    }
    this.held.delete(uid)
    this.#pace.onProgress?.(`${title} is evicted`)
  }
}
