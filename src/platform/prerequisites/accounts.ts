import { isMissing, isOfAnother } from '../../kubernetes/apiErrors.ts'
import type { Call } from '../../kubernetes/caller.ts'
import type { ClusterClient } from '../../kubernetes/client.ts'
import { type LooseObject, looseResource, partOf } from '../../kubernetes/looseObject.ts'
import { watchList } from '../../kubernetes/watchList.ts'

/** Accounts of pods, by which they get the logins of image registries: the API writes those of its account into each new pod that names none. */

/** Name of the Secret with the logins of image registries, in each namespace of the platform. */
export const pullSecretName = 'slipway-registries'

export const serviceAccounts = looseResource({
  group: '',
  version: 'v1',
  plural: 'serviceaccounts',
  kind: 'ServiceAccount',
  namespaced: true,
})

/** What an account, or the spec of pods, has so that they get the logins. */
export const withLogins = { imagePullSecrets: [{ name: pullSecretName }] } as const

/** Whether nobody has said which logins its pods have: those that somebody has chosen stay as they are. Pure. */
export function hasNoLogins(account: unknown): boolean {
  const named = partOf(account, 'imagePullSecrets')
  return !Array.isArray(named) || named.length === 0
}

/** Whether the accounts of a namespace are those of the cluster itself: who gives them what is its own business. Pure. */
export const isOfCluster = (namespace: string): boolean => namespace.startsWith('kube-')

/** Where accounts come. */
interface Coming {
  readonly namespace: string
  /** Names of those that somebody is about to give others. */
  readonly except?: readonly string[]
  /** Versions of those that Helm is about to set anew, by their names: they get them in a later one. */
  readonly later?: ReadonlyMap<string, string>
}

/**
 * Gives the logins to each account that comes into a namespace while the work is under way: an operator, or a hook, makes
 * some that nobody knows before.
 * @throws SlipwayError as the work does; as `ClusterClient` says.
 */
export async function whileGivingLogins<Result>(
  client: Pick<ClusterClient, 'snapshot' | 'watch' | 'patch'>,
  coming: Coming,
  { signal }: Call,
  work: () => Promise<Result>,
): Promise<Result> {
  if (isOfCluster(coming.namespace)) return work()
  const ended = new AbortController()
  const giving = giveLogins(client, coming, { signal: AbortSignal.any([signal, ended.signal]) }).catch(
    (error: unknown) => {
      if (!ended.signal.aborted) throw error
    },
  )
  giving.catch(() => {})
  try {
    return await work()
  } finally {
    ended.abort()
    await giving
  }
}

async function giveLogins(
  client: Pick<ClusterClient, 'snapshot' | 'watch' | 'patch'>,
  { namespace, except = [], later }: Coming,
  call: Call,
): Promise<void> {
  for await (const change of watchList(client, serviceAccounts, { namespace }, call)) {
    if (change.kind !== 'added' && change.kind !== 'changed') continue
    const { object } = change
    const { name, resourceVersion } = object.metadata
    if (hasNoLogins(object) && !except.includes(name) && later?.get(name) !== resourceVersion)
      await setLogins(client, object, withLogins, call)
  }
}

/**
 * Takes the logins back from an account that is to have others: whoever sets them would be refused what Slipway has set.
 * @returns the version that it has then; null: it is not there. @throws SlipwayError as `ClusterClient` says.
 */
export async function letLoginsGo(
  client: Pick<ClusterClient, 'get' | 'patch'>,
  place: { readonly namespace: string; readonly name: string },
  call: Call,
): Promise<string | null> {
  const account = await client.get(serviceAccounts, place, call)
  const named = partOf(account, 'imagePullSecrets')
  const hasOurs = Array.isArray(named) && named.length === 1 && partOf(named[0], 'name') === pullSecretName
  if (!account) return null
  return hasOurs ? setLogins(client, account, { imagePullSecrets: null }, call) : account.metadata.resourceVersion
}

/** Of this very account, whose version it gives back; one that is gone meanwhile needs none, and has none. */
async function setLogins(
  client: Pick<ClusterClient, 'patch'>,
  { metadata }: LooseObject,
  logins: Readonly<Record<string, unknown>>,
  call: Call,
): Promise<string | null> {
  const body = { metadata: { uid: metadata.uid }, ...logins }
  try {
    const account = await client.patch(serviceAccounts, metadata, { kind: 'merge', body }, call)
    return account.metadata.resourceVersion
  } catch (error) {
    if (!isMissing(error) && !isOfAnother(error)) throw error
    return null
  }
}
