import { toSlipwayError } from '../../domain/errors.ts'
import type { StageContext, Unmet } from '../../engine/contract/stage.ts'
import { absence } from './absent.ts'
import type { StageArguments } from './arguments.ts'
import type { ReachedHost } from './observedHost.ts'
import type { ObservedCluster } from './observeCluster.ts'

/**
 * What is asked of hosts once the look has reached them: one that has lost its power since has that for an answer, once,
 * and the others theirs.
 */
export interface Questions {
  /** Null when the host is lost. @throws what is wrong with the question and not with the host. */
  ask<Answer>(host: ReachedHost, question: (host: ReachedHost) => Promise<Answer>): Promise<Answer | null>
  /** Of the hosts that were lost, in the order in which that showed. */
  lost(): readonly Unmet[]
}

export function questions(
  { bootstrap }: Pick<ObservedCluster, 'bootstrap'>,
  { accepted }: Pick<StageArguments, 'accepted'>,
  { signal }: Pick<StageContext, 'signal'>,
): Questions {
  const lost = new Map<string, Unmet>()
  return {
    async ask(host, question) {
      try {
        return await question(host)
      } catch (thrown) {
        signal.throwIfAborted()
        const error = toSlipwayError(thrown)
        if (error.code === 'internal') throw thrown
        const { hostname } = host.node
        lost.set(hostname, lost.get(hostname) ?? absence(host.node, error, { bootstrap, accepted }))
        return null
      }
    },
    lost: () => [...lost.values()],
  }
}
