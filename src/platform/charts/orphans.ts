import type { Change } from '../../engine/contract/stage.ts'
import { readRelease } from '../../helm/release.ts'
import type { Call } from '../../kubernetes/caller.ts'
import type { ClusterClient } from '../../kubernetes/client.ts'
import { type CustomResourceDefinition, definitions } from '../../kubernetes/definitions.ts'

/** A release by its place. */
interface ReleasePlace {
  readonly namespace: string
  readonly name: string
}

/** A definition that a release has left, which is gone: Helm lets no other one have it, though it is nobody's. */
export interface Orphan {
  readonly name: string
  readonly left: ReleasePlace
}

const [nameMark, namespaceMark] = ['meta.helm.sh/release-name', 'meta.helm.sh/release-namespace']

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
    const left = ownerOf(await client.get(definitions, { name }, call))
    if (!left || isSame(left, own) || (await readRelease(client, left, call)) !== null) continue
    const { items } = await client.snapshot(definitions, {}, call)
    return items.flatMap(one => (isSame(ownerOf(one), left) ? [{ name: one.metadata.name, left }] : []))
  }
  return []
}

const isSame = (one: ReleasePlace | null, other: ReleasePlace): boolean =>
  one?.name === other.name && one.namespace === other.namespace

function ownerOf(definition: CustomResourceDefinition | null): ReleasePlace | null {
  const { annotations = {} } = definition?.metadata ?? {}
  const [name, namespace] = [annotations[nameMark], annotations[namespaceMark]]
  return name === undefined || namespace === undefined ? null : { name, namespace }
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
  { name: release, namespace }: ReleasePlace,
  call: Call,
): Promise<void> {
  const annotations = { [nameMark]: release, [namespaceMark]: namespace }
  for (const { name } of orphans)
    await client.patch(definitions, { name }, { kind: 'merge', body: { metadata: { annotations } } }, call)
}
