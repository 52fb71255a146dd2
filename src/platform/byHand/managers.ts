import type { FieldConflict } from '../../kubernetes/apiErrors.ts'

/** Field managers: whose change of an object of a release is one by hand. All pure. */

/** Tools by which people change objects, as they tell the API their name. */
const tools =
  /^(?:kubectl|oc$|k9s|lens|openlens|freelens|node-fetch|headlamp|dashboard|kubernetes-dashboard|Mozilla|curl|Wget|HTTPie|PostmanRuntime)/i

/** Of Kubernetes itself. */
const controllers = /^kube(?:let$|-)/

export const isTool = (manager: string): boolean => tools.test(manager)

export const isHelm = (manager: string): boolean => /^helm/i.test(manager)

/**
 * Whether a manager may have changed something by hand. What runs in the pods of a release is nobody's to say beside it;
 * whatever else an operator or controller may keep as it needs it.
 * @param group of the object.
 */
export const mayBeByHand = (manager: string, group: string): boolean =>
  isTool(manager) || (group === 'apps' && !isHelm(manager) && !controllers.test(manager))

/** Those of the fields of an object that were changed by hand; how many pods there are is not judged here. */
export const isByHand = ({ manager, subresource, field }: FieldConflict, group: string): boolean =>
  subresource === null && !field.endsWith('.caBundle') && mayBeByHand(manager, group)
