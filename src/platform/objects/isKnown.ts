import type { Call } from '../../kubernetes/caller.ts'
import type { ClusterClient } from '../../kubernetes/client.ts'
import { definitionMissing, definitions } from '../../kubernetes/definitions.ts'
import type { Resource } from '../../kubernetes/resource.ts'

/** Whether the API knows a kind, in this version. Of those that somebody has to define: their group is a domain of theirs. */
export async function isKnown(
  client: Pick<ClusterClient, 'get'>,
  { group, version, plural }: Resource,
  call: Call,
): Promise<boolean> {
  if (!group.includes('.') || group.endsWith('.k8s.io')) return true
  const definition = await client.get(definitions, { name: `${plural}.${group}` }, call)
  const versions = definition?.spec['versions']
  return (
    definitionMissing(definition) === null && Array.isArray(versions) && versions.some(one => isServed(one, version))
  )
}

const isServed = (one: unknown, version: string): boolean =>
  typeof one === 'object' &&
  one !== null &&
  'name' in one &&
  one.name === version &&
  'served' in one &&
  one.served === true
