import { SlipwayError } from '../../../domain/errors.ts'
import type { Call } from '../../../kubernetes/caller.ts'
import type { ClusterClient } from '../../../kubernetes/client.ts'
import { titleOf } from '../../../kubernetes/resource.ts'
import { type Secret, secrets } from '../../../kubernetes/resources.ts'
import { loginIn, type SecretPlace } from '../../databases/login.ts'
import type { ReachedServer } from '../../databases/reach.ts'
import { roleSecret } from '../../databases/roleSecret.ts'
import { isOwn, ownLabels } from '../../ownLabels.ts'
import type { PlatformSession } from '../../platformSession.ts'
import { generatedPassword, passwordOf } from './password.ts'
import type { Role, Settings } from './schema.ts'

/** The Secret of a role, beside what it is to be. */
export interface RoleLogin {
  readonly role: Role
  readonly place: SecretPlace
  /** `absent`; `kept`: as it is to be; `differs`: something in it is missing or another one; `anothers`. */
  readonly state: 'absent' | 'kept' | 'differs' | 'anothers'
  /** Its own where it has one: that is never made anew. One that was made up now is kept by nobody yet. */
  readonly password: string
  /** Whether the Secret has another one until now. */
  readonly isNew: boolean
  /** Its contents, in clear. */
  readonly wanted: Readonly<Record<string, string>>
}

type Server = Pick<ReachedServer, 'client' | 'host' | 'port'>

/** Of all roles that log in. */
export function seeRoleLogins(
  settings: Settings,
  namespace: string,
  { client, host, port }: Server,
  session: PlatformSession,
  call: Call,
): Promise<RoleLogin[]> {
  const see = async (role: Role): Promise<RoleLogin> => {
    const place = roleSecret(namespace, role.name)
    const live = await client.get(secrets, place, call)
    const isOurs = live !== null && isOwn(live.metadata, ownLabels(session))
    const kept = isOurs ? loginIn(live).password : null
    if (kept !== null) session.learn(kept)
    const password =
      role.password_file === undefined ? (kept ?? generatedPassword()) : await passwordOf(role.password_file, session)
    const own = settings.databases.filter(({ owner }) => owner === role.name)
    const wanted = {
      user: role.name,
      password,
      ...(host !== null && { host }),
      port: String(port),
      ...(own[0] && own.length === 1 && { dbname: own[0].name }),
    }
    const state = !live ? 'absent' : !isOurs ? 'anothers' : holds(live, wanted) ? 'kept' : 'differs'
    return { role, place, state, password, isNew: kept !== null && kept !== password, wanted }
  }
  return Promise.all(settings.roles.filter(({ login }) => login).map(see))
}

const holds = ({ data }: Secret, wanted: RoleLogin['wanted']): boolean =>
  Object.entries(wanted).every(([key, value]) => data?.[key] === base64(value))

const base64 = (text: string): string => Buffer.from(text).toString('base64')

/**
 * Writes the Secret, before the role gets its password: whoever was killed in between finds it.
 * @returns the password that it holds then. @throws SlipwayError `api-conflict` where somebody else has made it meanwhile.
 */
export async function keepRoleLogin(
  { place, state, wanted, password }: RoleLogin,
  client: ClusterClient,
  session: PlatformSession,
  call: Call,
): Promise<string> {
  session.learn(password)
  if (state === 'kept') return password
  const object = {
    metadata: { ...place, labels: ownLabels(session) },
    type: 'Opaque',
    data: Object.fromEntries(Object.entries(wanted).map(([key, value]) => [key, base64(value)])),
  }
  if (state === 'differs') {
    await client.apply(secrets, object, { ...call, force: true })
    return password
  }
  try {
    // An apply would replace what somebody else has made since the look.
    await client.create(secrets, object, call)
    return password
  } catch (thrown) {
    // Our own request may have come through though its answer was lost.
    const there = await client.get(secrets, place, call)
    const kept = there && isOwn(there.metadata, ownLabels(session)) ? loginIn(there).password : null
    if (kept === null) throw thrown
    if (kept === password) return kept
    throw new SlipwayError('api-conflict', `${titleOf(secrets, place)}: somebody else has made it meanwhile`, {
      cause: thrown,
    })
  }
}
