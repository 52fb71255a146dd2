import { z } from 'zod'
import type { Call } from '../../kubernetes/caller.ts'
import type { ClusterClient } from '../../kubernetes/client.ts'
import { definitionMissing, definitions } from '../../kubernetes/definitions.ts'
import type { Resource } from '../../kubernetes/resource.ts'

/**
 * What is served in the place of a kind in this version: none where its definition is missing, null where it is known. Asked
 * of those that somebody has to define: their group is a domain of theirs.
 */
export async function servedInstead(
  client: Pick<ClusterClient, 'get'>,
  { group, version, plural }: Resource,
  call: Call,
): Promise<readonly string[] | null> {
  if (!group.includes('.') || group.endsWith('.k8s.io')) return null
  const definition = await client.get(definitions, { name: `${plural}.${group}` }, call)
  if (definitionMissing(definition) !== null) return []
  const served = z.array(versionShape).catch([]).parse(definition?.spec['versions'])
  const names = served.flatMap(one => (one.served ? [one.name] : []))
  return names.includes(version) ? null : names
}

const versionShape = z.object({ name: z.string(), served: z.boolean() })
