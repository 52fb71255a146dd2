import { type ClusterDraft, type DraftNode, effective, oncePerPlace } from './draft.ts'
import { fault, type RuleFinding } from '../../../../domain/ruleFinding.ts'

type Key = 'cloud-provider-name' | 'cloud-provider-config'

/** What RKE2 refuses of a cloud provider, on servers and agents alike. */
export function checkCloudProvider(draft: ClusterDraft): RuleFinding[] {
  if (draft.cluster_vars === null) return []
  return oncePerPlace(
    draft.nodes.flatMap((node, index): RuleFinding[] => {
      if (node.node_vars === null) return []
      const name = placeOf(draft, index, node, 'cloud-provider-name')
      const config = placeOf(draft, index, node, 'cloud-provider-config')
      const given = name ? 'cloud-provider-name' : 'cloud-provider-config'
      const found: RuleFinding[] = []
      if (node.external_ip !== undefined && (name ?? config))
        found.push(
          fault(
            'external-ip-with-provider',
            ['nodes', index, 'external_ip'],
            `RKE2 refuses an external address together with ${given}: the cloud provider is the one to tell it`,
            `Remove external_ip, or ${given}.`,
          ),
        )
      if (config && !name)
        found.push(
          fault(
            'provider-without-name',
            config,
            `RKE2 refuses cloud-provider-config without cloud-provider-name, and ${node.hostname ?? 'a node'} has none`,
            'Set cloud-provider-name as well, like cloud-provider-name: aws, or remove cloud-provider-config.',
          ),
        )
      return found
    }),
  )
}

/** Where the key stands that holds for a node, below `extra` too, appended or not; null where it has none. */
function placeOf(draft: ClusterDraft, index: number, node: DraftNode, key: Key): RuleFinding['path'] | null {
  const known = key === 'cloud-provider-name' ? effective(draft, index, node, key) : null
  if (known) return known.path
  const places = [
    { path: ['nodes', index, 'node_vars'], extra: node.node_vars?.extra },
    { path: ['cluster_vars'], extra: draft.cluster_vars?.extra },
  ]
  for (const { path, extra } of places)
    for (const written of [key, `${key}+`]) if (extra?.[written] !== undefined) return [...path, 'extra', written]
  return null
}
