import { type LooseObject, looseResource, partOf } from '../../kubernetes/looseObject.ts'
import { namespaces, secrets } from '../../kubernetes/resources.ts'
import type { WantedObject } from '../contract.ts'
import type { PlatformSpec } from '../spec.ts'
import { hasNoLogins, isOfCluster, pullSecretName, serviceAccounts, withLogins } from './accounts.ts'

/** Logins of image registries, and the accounts that are to have them. */
export interface Logins {
  /** Contents of the Secret. */
  readonly pullSecret: string
  /** All that there are in the namespaces of the platform. */
  readonly accounts: readonly LooseObject[]
}

/** The namespaces that the prerequisites make. Pure. @param names those that components and charts are in. */
export const namespacesToMake = (
  names: readonly string[],
  { namespaces: set = {} }: Pick<PlatformSpec, 'namespaces'>,
) => [...new Set([...names, ...Object.keys(set)])]

/**
 * What components and charts find when they come: their namespaces with the labels that are set, and in each the logins of
 * image registries, which the accounts of pods have that name none themselves. Pure.
 * @param logins null: there are none.
 */
export function prerequisiteObjects(
  all: readonly string[],
  { namespaces: set = {} }: Pick<PlatformSpec, 'namespaces'>,
  logins: Logins | null,
): WantedObject[] {
  const made = all.map((name): WantedObject => {
    const labels = set[name]?.labels
    return {
      resource: looseResource(namespaces),
      object: { metadata: { name, ...(labels && { labels }) } },
      shared: true,
    }
  })
  if (logins === null) return made
  const data = { '.dockerconfigjson': Buffer.from(logins.pullSecret).toString('base64') }
  return [
    ...made,
    ...all.flatMap((namespace): WantedObject[] => {
      const accounts = logins.accounts.filter(({ metadata }) => metadata.namespace === namespace)
      const common = accounts.find(({ metadata }) => metadata.name === 'default')
      const lacking = isOfCluster(namespace) ? [] : accounts.filter(one => one !== common && hasNoLogins(one))
      return [
        {
          resource: looseResource(secrets),
          object: { metadata: { name: pullSecretName, namespace }, type: 'kubernetes.io/dockerconfigjson', data },
        },
        withThem(namespace, 'default', loginsOf(common)),
        ...lacking.map(({ metadata }) => withThem(namespace, metadata.name, withLogins)),
      ]
    }),
  ]
}

const withThem = (namespace: string, name: string, logins: object): WantedObject => ({
  resource: serviceAccounts,
  object: { metadata: { name, namespace }, ...logins },
  shared: true,
})

/** Those that the account of a namespace has, beside ours: a platform may have its own there. */
function loginsOf(account: LooseObject | undefined): object {
  const named = partOf(account, 'imagePullSecrets')
  const others = Array.isArray(named) ? named.filter(one => partOf(one, 'name') !== pullSecretName) : []
  return { imagePullSecrets: [...others, ...withLogins.imagePullSecrets] }
}
