import { looseResource } from '../../kubernetes/looseObject.ts'
import { namespaces, secrets } from '../../kubernetes/resources.ts'
import type { WantedObject } from '../contract.ts'
import type { PlatformSpec } from '../spec.ts'

/** Name of the Secret with the logins of image registries, in each namespace of the platform. */
export const pullSecretName = 'slipway-registries'

const serviceAccounts = looseResource({
  group: '',
  version: 'v1',
  plural: 'serviceaccounts',
  kind: 'ServiceAccount',
  namespaced: true,
})

/**
 * What components and charts find when they come: their namespaces with the labels that are set, and in each the logins of
 * image registries, which the account that pods have by default uses. Pure.
 * @param pullSecret contents of the Secret; null: there is none.
 */
export function prerequisiteObjects(
  names: readonly string[],
  { namespaces: set = {} }: Pick<PlatformSpec, 'namespaces'>,
  pullSecret: string | null,
): WantedObject[] {
  const all = [...new Set([...names, ...Object.keys(set)])]
  const made = all.map((name): WantedObject => {
    const labels = set[name]?.labels
    return {
      resource: looseResource(namespaces),
      object: { metadata: { name, ...(labels && { labels }) } },
      shared: true,
    }
  })
  if (pullSecret === null) return made
  const data = { '.dockerconfigjson': Buffer.from(pullSecret).toString('base64') }
  return [
    ...made,
    ...all.flatMap((namespace): WantedObject[] => [
      {
        resource: looseResource(secrets),
        object: { metadata: { name: pullSecretName, namespace }, type: 'kubernetes.io/dockerconfigjson', data },
      },
      {
        resource: serviceAccounts,
        object: { metadata: { name: 'default', namespace }, imagePullSecrets: [{ name: pullSecretName }] },
        shared: true,
      },
    ]),
  ]
}
