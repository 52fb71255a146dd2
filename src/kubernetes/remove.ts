import { isMissing, isOfAnother } from './apiErrors.ts'
import type { Call, Caller } from './caller.ts'
import { objectPath, type Place, type Resource, titleOf } from './resource.ts'

export interface Removal extends Call {
  /** Only the object with this uid, and no other one that has got its name since. */
  readonly uid?: string
  /** What becomes of the objects that it owns; default: what its kind says. */
  readonly propagation?: 'Foreground' | 'Background' | 'Orphan'
}

/** False when it was gone already. @throws SlipwayError as `Caller.ask` says. */
export async function removeObject(
  caller: Caller,
  resource: Resource,
  place: Place,
  { uid, propagation, ...call }: Removal,
): Promise<boolean> {
  const body = JSON.stringify({
    apiVersion: 'v1',
    kind: 'DeleteOptions',
    ...(uid !== undefined && { preconditions: { uid } }),
    ...(propagation !== undefined && { propagationPolicy: propagation }),
  })
  const about = `remove ${titleOf(resource, place)}`
  const question = { method: 'DELETE', path: objectPath(resource, place), body, about } as const
  try {
    // Without a uid the second try may meet another object, which has got the name in between.
    await caller.ask({ ...question, repeatable: uid !== undefined }, call)
    return true
  } catch (error) {
    if (isMissing(error) || isOfAnother(error)) return false
    throw error
  }
}
