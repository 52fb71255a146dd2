import { z } from 'zod'
import type { Json } from '../../contract/json.ts'
import type { Change, Unmet } from '../../engine/contract/stage.ts'
import type { ChartDefinition } from '../../helm/chartTree.ts'
import { canonicalJson } from '../../engine/plan/canonical.ts'
import type { Call } from '../../kubernetes/caller.ts'
import type { ClusterClient } from '../../kubernetes/client.ts'
import { type CustomResourceDefinition, definitionMissing, definitions } from '../../kubernetes/definitions.ts'
import { waitFor } from '../../kubernetes/waitFor.ts'
import { createHash } from 'node:crypto'
import { ownMark } from '../ownLabels.ts'

/** A definition of a chart beside the one in the cluster. */
export interface SeenDefinition {
  readonly wanted: ChartDefinition
  readonly live: CustomResourceDefinition | null
}

/** Looks at the definitions that a chart brings. */
export const seenDefinitions = (
  client: Pick<ClusterClient, 'get'>,
  wanted: readonly ChartDefinition[],
  call: Call,
): Promise<SeenDefinition[]> =>
  Promise.all(
    wanted.map(async one => ({ wanted: one, live: await client.get(definitions, { name: one.metadata.name }, call) })),
  )

/** Those that are not as the chart has them. What the API has added of its own is no difference. Pure. */
export const differing = (seen: readonly SeenDefinition[]): SeenDefinition[] =>
  seen.filter(({ wanted, live }) => !live || !holds(live.spec, wanted.spec))

/** Those of them that somebody else has brought: who uses them may need them as they are. Pure. */
const ofOthers = (seen: readonly SeenDefinition[], installation: string): SeenDefinition[] =>
  differing(seen).filter(({ live }) => live && live.metadata.annotations?.[ownMark] !== installation)

/** That they are changed is to be accepted. Pure. */
export const definitionFindings = (seen: readonly SeenDefinition[], installation: string, about: string): Unmet[] =>
  ofOthers(seen, installation).map(({ wanted }) => ({
    name: 'definition-of-another',
    severity: 'warning',
    about,
    message: `the definition of ${wanted.metadata.name} is another one in the cluster, and Slipway has not brought it`,
    remedy:
      'See who uses it, and whether the one of this chart serves them as well; then accept that it is changed: --accept definition-of-another.',
  }))

/** Pure. */
export const definitionChanges = (seen: readonly SeenDefinition[]): Change[] =>
  differing(seen).map(({ wanted, live }) => ({
    effect: live ? 'update' : 'create',
    target: `definition/${wanted.metadata.name}`,
    summary: `${live ? 'change' : 'bring'} the definition of ${wanted.metadata.name}`,
    detail: createHash('sha256').update(canonicalJson(wanted.spec)).digest('hex'),
  }))

/** The kinds that definitions of a chart have: `example.com/v1/Thing`. Pure. */
export const kindsDefinedBy = ({ definitions: all }: { readonly definitions: readonly ChartDefinition[] }): string[] =>
  all.flatMap(({ spec }) => {
    const { group, names, versions } = definitionSpec.parse(spec)
    return versions.map(({ name }) => `${group}/${name}/${names.kind}`)
  })

// One that is none the API refuses when it is brought.
const definitionSpec = z
  .object({
    group: z.string(),
    names: z.object({ kind: z.string() }),
    versions: z.array(z.object({ name: z.string() })),
  })
  .catch({ group: '', names: { kind: '' }, versions: [] })

/**
 * Brings those that differ, and waits until objects of them can be made.
 * @throws SlipwayError as `ClusterClient` and `waitFor` say.
 */
export async function bringDefinitions(
  client: ClusterClient,
  seen: readonly SeenDefinition[],
  installation: string,
  { signal, timeout }: { signal: AbortSignal; timeout: number },
): Promise<void> {
  await Promise.all(
    differing(seen).map(async ({ wanted: { metadata, spec } }) => {
      const annotations = { ...metadata.annotations, [ownMark]: installation }
      // Charts have fields that the API leaves out.
      await client.apply(
        definitions,
        { metadata: { ...metadata, annotations }, spec },
        { signal, force: true, unknownFields: 'Ignore' },
      )
      await waitFor(client, definitions, metadata, { signal, timeout, missing: definitionMissing })
    }),
  )
}

/** Whether a value has all that another one has, at whatever depth; what is empty needs not be there. */
function holds(live: Json | undefined, wanted: Json | undefined): boolean {
  if (isEmpty(wanted) && isEmpty(live)) return true
  if (Array.isArray(wanted))
    return (
      Array.isArray(live) && live.length === wanted.length && wanted.every((item: Json, at) => holds(live[at], item))
    )
  if (typeof wanted !== 'object' || wanted === null) return live === wanted
  if (typeof live !== 'object' || live === null || Array.isArray(live)) return false
  const of = new Map(Object.entries(live))
  return Object.entries(wanted).every(([key, value]) => holds(of.get(key), value))
}

const isEmpty = (value: Json | undefined): boolean =>
  value === undefined ||
  value === null ||
  value === '' ||
  value === false ||
  (typeof value === 'object' && Object.keys(value).length === 0)
