import { isMissing, isOfAnother, statusOf } from './apiErrors.ts'
import type { Call, Caller } from './caller.ts'
import { objectPath, type Place, titleOf } from './resource.ts'
import { pods } from './resources.ts'

/** What comes of asking that a pod be evicted. */
export type Eviction =
  /** It will end now, in the time it is given. */
  | { readonly kind: 'accepted' }
  | { readonly kind: 'gone' }
  /** A disruption budget does not let it go now. */
  | { readonly kind: 'held'; readonly words: string; readonly retryAfter: number | null }

/**
 * Asks once. @param uid of the pod that is meant; another one of its name is left alone.
 * @throws SlipwayError as `statusError` and `networkError` say.
 */
export async function evictPod(caller: Caller, pod: Required<Place>, uid: string, call: Call): Promise<Eviction> {
  const { namespace, name } = pod
  const body = JSON.stringify({
    apiVersion: 'policy/v1',
    kind: 'Eviction',
    metadata: { namespace, name },
    deleteOptions: { preconditions: { uid } },
  })
  const path = objectPath(pods, pod, 'eviction')
  const question = { method: 'POST', path, body, about: `evict ${titleOf(pods, pod)}`, repeatable: true } as const
  const answer = await caller.askOnce(question, call)
  if (answer.status >= 200 && answer.status < 300) return { kind: 'accepted' }
  const error = caller.errorOf(answer, question)
  if (isMissing(error) || isOfAnother(error)) return { kind: 'gone' }
  const held = heldBy(answer.text)
  if (held !== null) return { kind: 'held', words: held, retryAfter: answer.retryAfter }
  throw error
}

/** Words about the budgets; null when none is in the way. Of two budgets of one pod the API says 500, for ever. */
function heldBy(text: string): string | null {
  const said = statusOf(text)
  const cause = said?.details?.causes?.find(({ reason }) => reason === 'DisruptionBudget')
  if (cause) return cause.message ?? said?.message ?? ''
  return said?.message?.includes('more than one PodDisruptionBudget') ? said.message : null
}
