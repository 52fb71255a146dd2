import { withClusterApi } from '../../clusters/clusterApi.ts'
import type { Json } from '../../contract/json.ts'
import { SlipwayError } from '../../domain/errors.ts'
import type { StageContext } from '../../engine/contract/stage.ts'
import type { HelmSurroundings } from '../../helm/command.ts'
import { readRelease } from '../../helm/release.ts'
import { partOf } from '../../kubernetes/looseObject.ts'
import type { WantedChart } from '../charts/changes.ts'
import { merged, valueAt } from '../charts/valueChanges.ts'
import { chartAsWanted } from '../charts/wantedChart.ts'
import type { ChartComponent } from '../contract.ts'
import type { PlatformSession } from '../platformSession.ts'
import type { PlatformSpec } from '../spec.ts'
import { chartOf, type EnabledComponent, ownSettings } from './enabled.ts'
import { storageFor } from './storageFor.ts'

interface Wish {
  readonly enabled: EnabledComponent<ChartComponent>
  readonly platform: PlatformSpec
}

/**
 * The chart of a component with its values: what follows from its settings, and over it what the user has set.
 * @throws SlipwayError `preflight-failed` where it cannot be said which storage class is meant; as `chartAsWanted` says.
 */
export async function wantedComponentChart(
  wish: Wish,
  session: PlatformSession,
  context: StageContext,
  around: HelmSurroundings,
): Promise<WantedChart> {
  const { component, namespace, image, set } = wish.enabled
  const storageClass = await storageClassOf(wish, session, context)
  const own = component.values(ownSettings(wish.enabled), { namespace, image, storageClass })
  const kept = (component.storageClassValues ?? []).flatMap(path =>
    storageClass === null ? [] : [valueAt(path, storageClass)],
  )
  const values = [...kept, set.values ?? {}].reduce<Readonly<Record<string, Json>>>(merged, own)
  const wanted = { ...chartOf(wish.enabled), values, secret_values: set.secret_values }
  return chartAsWanted({ name: component.name, namespace }, wanted, session, context, around)
}

/** Null where it keeps no data, and while there is no cluster to ask. */
async function storageClassOf(
  { enabled, platform }: Wish,
  session: PlatformSession,
  { signal }: StageContext,
): Promise<string | null> {
  const { component, namespace } = enabled
  if (!component.keepsData || (await session.secret('kubeconfig')) === null) return null
  const { answer } = await withClusterApi(session, signal, async client => {
    const release = await readRelease(client, { namespace, name: component.name }, { signal })
    const [path] = component.storageClassValues ?? []
    const kept = path === undefined ? undefined : partOf(release?.deployed?.values, ...path.split('.'))
    return storageFor(enabled, platform, typeof kept === 'string' ? kept : null, client, { signal })
  })
  if (answer.name !== null) return answer.name
  const { message, remedy } = answer.finding
  throw new SlipwayError('preflight-failed', message, { remedy })
}
