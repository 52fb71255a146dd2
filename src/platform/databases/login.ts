import { SlipwayError } from '../../domain/errors.ts'
import type { ClusterClient } from '../../kubernetes/client.ts'
import type { Call } from '../../kubernetes/caller.ts'
import { titleOf } from '../../kubernetes/resource.ts'
import { type Secret, secrets } from '../../kubernetes/resources.ts'
import type { PlatformSession } from '../platformSession.ts'

/** Where a Secret is. */
export interface SecretPlace {
  readonly namespace: string
  readonly name: string
}

/** What the Secret of a login says; null: it does not say it. */
export interface Login {
  readonly user: string | null
  readonly password: string | null
  readonly host: string | null
  readonly port: string | null
  readonly dbname: string | null
}

/** Of any operator: some call the user `username`. What is empty is not there. Pure. */
export function loginIn({ data }: Pick<Secret, 'data'>): Login {
  const text = (...keys: readonly string[]): string | null => {
    const found = keys.map(key => data?.[key] ?? '').find(value => value !== '')
    const read = found === undefined ? '' : Buffer.from(found, 'base64').toString('utf8')
    return read === '' ? null : read
  }
  return {
    user: text('user', 'username'),
    password: text('password'),
    host: text('host'),
    port: text('port'),
    dbname: text('dbname'),
  }
}

/**
 * A login by which somebody can be somebody; no log shows its password from here on.
 * @throws SlipwayError `postgres-login` where the Secret is not there, or lacks something; as the client does.
 */
export async function readLogin(
  client: Pick<ClusterClient, 'get'>,
  place: SecretPlace,
  session: Pick<PlatformSession, 'learn'>,
  call: Call,
): Promise<Login & { readonly user: string; readonly password: string }> {
  const about = titleOf(secrets, place)
  const remedy = `Look at it: kubectl describe secret ${place.name} -n ${place.namespace}; its operator makes it.`
  const secret = await client.get(secrets, place, call)
  if (!secret) throw new SlipwayError('postgres-login', `${about} with the login is not there`, { remedy })
  const { user, password, ...rest } = loginIn(secret)
  if (password !== null) session.learn(password)
  if (user !== null && password !== null) return { user, password, ...rest }
  const lacking = [...(user === null ? ['user'] : []), ...(password === null ? ['password'] : [])]
  throw new SlipwayError('postgres-login', `${about} has no ${lacking.join(', no ')}`, { remedy })
}
