import type { Change } from '../../../engine/contract/stage.ts'
import { canonicalJson } from '../../../engine/plan/canonical.ts'
import { partOf } from '../../../kubernetes/looseObject.ts'
import { titleOf } from '../../../kubernetes/resource.ts'
import { secrets } from '../../../kubernetes/resources.ts'
import type { SeenObject } from '../../objects/seeObjects.ts'
import type { SeenSecret } from './look.ts'

/**
 * What is approved is where its contents come from, not what they are: a password may be another one by then. Pure.
 */
export function secretChanges(all: readonly SeenSecret[]): Change[] {
  const missing = new Set(all.flatMap(({ seen }) => seen.missingNamespaces))
  return [
    ...[...missing].map(
      (name): Change => ({ effect: 'create', target: `namespace/${name}`, summary: `make namespace ${name}` }),
    ),
    ...all.flatMap(secret => secret.seen.objects.flatMap(object => changeOf(object, secret))),
  ]
}

function changeOf(object: SeenObject, { wish: { wanted, source }, lack }: SeenSecret): Change[] {
  const { live, applied, title } = object
  if (!source || (live && lack === null && !differs(live, applied))) return []
  const from = titleOf(secrets, source)
  const later = lack === null ? '' : `, once that is complete: ${lack}`
  return [
    {
      effect: live ? 'update' : 'create',
      target: `object/${title.replace(' ', '/')}`,
      summary: `${live ? `change what is in ${title}` : `create ${title}`} from ${from}${later}`,
      detail: { from, wanted: JSON.parse(JSON.stringify(wanted)) },
    },
  ]
}

/** Of what is there, what an apply would change. */
const differs = (live: unknown, applied: unknown): boolean =>
  [['data'], ['metadata', 'labels']].some(path => said(live, path) !== said(applied, path))

const said = (object: unknown, path: readonly string[]): string => canonicalJson(partOf(object, ...path) ?? null)
