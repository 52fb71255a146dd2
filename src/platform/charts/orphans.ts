import type { Change } from '../../engine/contract/stage.ts'
import { helmOwner, isSameRelease, ownerAnnotations, type ReleasePlace } from '../../helm/owner.ts'
import { readRelease } from '../../helm/release.ts'
import type { Call } from '../../kubernetes/caller.ts'
import type { ClusterClient } from '../../kubernetes/client.ts'
import { definitions } from '../../kubernetes/definitions.ts'

/** A definition that a release has left, which is gone: Helm lets no other one have it, though it is nobody's. */
export interface Orphan {
  readonly name: string
  readonly left: ReleasePlace
}

/**
 * Definitions of a component that lie in the templates of its chart, and were left by a release of it that is gone.
 * @param known names of some of them. @param own the release that is to have them.
 */
export async function orphanedDefinitions(
  client: Pick<ClusterClient, 'get' | 'snapshot'>,
  known: readonly string[],
  own: ReleasePlace,
  call: Call,
): Promise<Orphan[]> {
  for (const name of known) {
    const definition = await client.get(definitions, { name }, call)
    const left = definition && helmOwner(definition)
    if (!left || isSameRelease(left, own) || (await readRelease(client, left, call)) !== null) continue
    const { items } = await client.snapshot(definitions, {}, call)
    return items.flatMap(one => (isSameRelease(helmOwner(one), left) ? [{ name: one.metadata.name, left }] : []))
  }
  return []
}

/** Pure. */
export const orphanChanges = (orphans: readonly Orphan[]): Change[] =>
  orphans.map(({ name, left }) => ({
    effect: 'update',
    target: `definition/${name}/owner`,
    summary: `take over the definition of ${name}, which Helm release ${left.namespace}/${left.name} has left`,
    detail: { ...left },
  }))

/** Makes them those of a release; what is defined stays as it is until Helm changes it. */
export async function adoptOrphans(
  client: Pick<ClusterClient, 'patch'>,
  orphans: readonly Orphan[],
  release: ReleasePlace,
  call: Call,
): Promise<void> {
  const annotations = ownerAnnotations(release)
  for (const { name } of orphans)
    await client.patch(definitions, { name }, { kind: 'merge', body: { metadata: { annotations } } }, call)
}
