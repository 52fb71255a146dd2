import { parseRke2Version } from '../version.ts'
import { type ClusterDraft, effective, fault, oncePerPlace, type RuleFinding } from './draft.ts'

const providerFile = 'cloud-provider-config'

/** Keys that only some versions take, and keys that RKE2 refuses together. */
export function checkVersionedKeys(draft: ClusterDraft): RuleFinding[] {
  if (draft.cluster_vars === null) return []
  return oncePerPlace(
    draft.nodes.flatMap((node, index): RuleFinding[] => {
      const profile = effective(draft, index, node, 'profile')
      const protection = effective(draft, index, node, 'protect-kernel-defaults')
      const provider = effective(draft, index, node, 'cloud-provider-name')
      const found: RuleFinding[] = []
      if (profile?.value === 'cis-1.23' && isAtLeast(draft.version, 30))
        found.push(
          fault('profile-unknown', profile.path, 'RKE2 has no profile cis-1.23 since v1.30', 'Write profile: cis.'),
        )
      if (profile?.value.startsWith('cis') && protection?.value === false)
        found.push(
          fault(
            'profile-protection',
            protection.path,
            `RKE2 refuses protect-kernel-defaults: false with the profile ${profile.value}`,
            'Remove protect-kernel-defaults: the profile turns it on.',
          ),
        )
      const config = [
        { extra: node.node_vars?.extra, path: ['nodes', index, 'node_vars', 'extra', providerFile] },
        { extra: draft.cluster_vars?.extra, path: ['cluster_vars', 'extra', providerFile] },
      ].find(one => one.extra?.[providerFile] !== undefined)
      if (config && !provider?.value)
        found.push(
          fault(
            'provider-unnamed',
            config.path,
            'RKE2 refuses cloud-provider-config without the name of the provider',
            'Set cloud-provider-name as well, or remove cloud-provider-config.',
          ),
        )
      if (node.external_ip !== undefined && (provider ?? config))
        found.push(
          fault(
            'external-ip-with-provider',
            ['nodes', index, 'external_ip'],
            `RKE2 refuses an external address together with ${provider ? 'cloud-provider-name' : 'cloud-provider-config'}: the cloud provider is the one to tell it`,
            `Remove external_ip, or ${provider ? 'cloud-provider-name' : 'cloud-provider-config'}.`,
          ),
        )
      return found
    }),
  )
}

function isAtLeast(version: string | undefined, minor: number): boolean {
  if (version === undefined) return false
  const parsed = parseRke2Version(version)
  return parsed.major > 1 || parsed.minor >= minor
}
