import type { ClusterClient } from '../../../kubernetes/client.ts'
import type { Call } from '../../../kubernetes/caller.ts'
import { looseResource } from '../../../kubernetes/looseObject.ts'
import { secrets } from '../../../kubernetes/resources.ts'
import type { WantedObject } from '../../contract.ts'
import { loginIn, type SecretPlace } from '../../databases/login.ts'
import type { KnownServer } from '../../databases/users.ts'
import { type Seen, seeObjects } from '../../objects/seeObjects.ts'
import { ownLabels } from '../../ownLabels.ts'
import type { PlatformSession } from '../../platformSession.ts'
import { contentsOf, secretsIn } from './contents.ts'
import type { ConnectionSecret } from './schema.ts'

/** A Secret that is wanted, and where its login comes from. */
export interface SecretWish {
  readonly wanted: ConnectionSecret
  /** Null: nobody knows a login of this user. */
  readonly source: SecretPlace | null
}

/** How it stands. */
export interface SeenSecret {
  readonly wish: SecretWish
  /** Of its source, in words; null: nothing. */
  readonly lack: string | null
  readonly seen: Seen
}

export const wishesOf = (wanted: readonly ConnectionSecret[], { secretOf }: KnownServer): SecretWish[] =>
  wanted.map(one => ({ wanted: one, source: one.secret ?? secretOf(one.user ?? '') }))

/** The contents that a source gives now, or what it lacks. No log shows them from here on. */
export async function readContents(
  { wanted }: SecretWish,
  source: SecretPlace,
  { server }: KnownServer,
  client: Pick<ClusterClient, 'get'>,
  session: Pick<PlatformSession, 'learn'>,
  call: Call,
): Promise<
  | { readonly data: Readonly<Record<string, string>>; readonly lack: null }
  | { readonly data: null; readonly lack: string }
> {
  const live = await client.get(secrets, source, call)
  if (!live) return { data: null, lack: 'it is not there' }
  const contents = contentsOf(wanted, loginIn(live), server)
  if (!contents.ok) return { data: null, lack: lackOf(contents.missing) }
  for (const secret of secretsIn(contents.data, wanted)) session.learn(secret)
  return { data: contents.data, lack: null }
}

export const lackOf = (missing: readonly string[]): string => `it has no ${missing.join(', no ')}`

/** The Secret in each of its namespaces. Pure. @param data null: not known yet. */
export const objectsOf = (
  { name, namespaces }: ConnectionSecret,
  data: Readonly<Record<string, string>> | null,
): WantedObject[] =>
  namespaces.map(namespace => ({
    resource: looseResource(secrets),
    object: { metadata: { name, namespace }, type: 'Opaque', ...(data && { data }) },
  }))

export async function seeSecret(
  wish: SecretWish,
  known: KnownServer,
  client: ClusterClient,
  session: PlatformSession,
  call: Call,
): Promise<SeenSecret> {
  const { wanted, source } = wish
  const { data, lack } = source
    ? await readContents(wish, source, known, client, session, call)
    : { data: null, lack: null }
  const seen = await seeObjects(client, objectsOf(wanted, data), ownLabels(session), call)
  return { wish, lack, seen }
}
