import { SlipwayError } from '../../domain/errors.ts'
import type { ManifestObject } from '../../helm/manifest.ts'
import { managedByHelm, type ReleasePlace } from '../../helm/owner.ts'
import type { Call } from '../../kubernetes/caller.ts'
import type { ClusterClient } from '../../kubernetes/client.ts'
import { hasNoLogins, letLoginsGo, serviceAccounts, withLogins } from '../prerequisites/accounts.ts'

/** Accounts of pods that a chart has in the namespace of its release, by their names. */
export interface ChartAccounts {
  /** Those that are not there yet, and for which the chart says nothing of logins of image registries. */
  readonly fresh: readonly string[]
  /** Those for which it says that there are none: Helm would be refused that where others have set some. */
  readonly bare: readonly string[]
  /** Those for which it names some. */
  readonly choosing: readonly string[]
}

/** @param there objects that the cluster has. Hooks are made anew each time, whatever is there. Pure. */
export function accountsOf(
  objects: readonly ManifestObject[],
  there: ReadonlySet<ManifestObject>,
  namespace: string,
): ChartAccounts {
  const own = objects.filter(
    one =>
      one.kind === 'ServiceAccount' &&
      one.apiVersion === 'v1' &&
      one.hooks.length === 0 &&
      (one.namespace ?? namespace) === namespace,
  )
  const says = ({ body }: ManifestObject) => Object.hasOwn(body, 'imagePullSecrets')
  return {
    fresh: own.flatMap(one => (says(one) || there.has(one) ? [] : [one.name])),
    bare: own.flatMap(one => (says(one) && hasNoLogins(one.body) ? [one.name] : [])),
    choosing: own.flatMap(one => (hasNoLogins(one.body) ? [] : [one.name])),
  }
}

/**
 * Makes those that come with the logins, before Helm, which takes them as its own: then no pod is without. What Slipway
 * has set of those that choose others, or none, is theirs again.
 * @returns versions of those that have none now, by their names: Helm is to set them before they get the logins again.
 * @throws SlipwayError as `ClusterClient` says.
 */
export async function prepareAccounts(
  client: Pick<ClusterClient, 'create' | 'get' | 'patch'>,
  { fresh, bare, choosing }: ChartAccounts,
  release: ReleasePlace,
  call: Call,
): Promise<ReadonlyMap<string, string>> {
  const { namespace } = release
  for (const name of fresh) {
    const metadata = { name, namespace, ...managedByHelm(release) }
    // One that somebody has made meanwhile is theirs: Helm says what it makes of it.
    await client.create(serviceAccounts, { metadata, ...withLogins }, call).catch((error: unknown) => {
      if (!(error instanceof SlipwayError && error.code === 'api-conflict')) throw error
    })
  }
  for (const name of choosing) await letLoginsGo(client, { namespace, name }, call)
  const later = new Map<string, string>()
  for (const name of bare) {
    const version = await letLoginsGo(client, { namespace, name }, call)
    if (version !== null) later.set(name, version)
  }
  return later
}
