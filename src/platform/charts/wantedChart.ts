import { SlipwayError } from '../../domain/errors.ts'
import type { StageContext } from '../../engine/contract/stage.ts'
import { chartDigest } from '../../helm/chartDigest.ts'
import { readChart } from '../../helm/chartFile.ts'
import { definitionsWith } from '../../helm/chartTree.ts'
import type { HelmSurroundings } from '../../helm/command.ts'
import { readSecretValues } from '../chartFiles.ts'
import type { ChartWish } from '../chartSource.ts'
import type { PlatformSession } from '../platformSession.ts'
import { readPlatform } from '../readPlatform.ts'
import type { WantedChart } from './changes.ts'
import { packedChart } from './packedChart.ts'
import { merged, pathsOf, secretTexts } from './valueChanges.ts'

type Place = Pick<WantedChart, 'name' | 'namespace'>

/**
 * A chart of the user's own, as the desired state has it. Its values are read there, and are no arguments of the stage:
 * they may be secret, and a plan shows those.
 * @throws SlipwayError `not-found` when the desired state has no such chart any more; as `chartAsWanted` says.
 */
export async function wantedChart(
  place: Place,
  session: PlatformSession,
  context: StageContext,
  around: HelmSurroundings,
): Promise<WantedChart> {
  const platform = await readPlatform(session)
  const wanted = platform.charts?.find(one => one.name === place.name)
  if (!wanted) throw new SlipwayError('not-found', `the cluster file has no chart ${place.name} any more`)
  return chartAsWanted(place, wanted, session, context, around)
}

/** @throws SlipwayError `chart-invalid`, `chart-unavailable`, `file-unreadable`. */
export async function chartAsWanted(
  place: Place,
  wish: ChartWish,
  session: PlatformSession,
  context: StageContext,
  around: HelmSurroundings,
): Promise<WantedChart> {
  const packed = await packedChart(wish, session, context, around)
  const digest = await chartDigest(packed)
  const { name, version, tree } = await session.read(`platform/chart/${digest}`, () =>
    readChart(packed, wish.chart, around),
  )
  const secret = await secretValues(wish.secret_values, session)
  const values = merged(wish.values ?? {}, secret)
  const { asksCluster } = tree
  const facts = { name, version, definitions: definitionsWith(tree, values), asksCluster }
  return { ...place, facts, packed, digest, values, secretPaths: new Set(pathsOf(secret)) }
}

async function secretValues(file: string | undefined, session: PlatformSession): Promise<WantedChart['values']> {
  if (file === undefined) return {}
  // As a whole it has lines that stand in every log.
  const reading = readSecretValues(await session.openFile(file))
  if (!reading.ok) throw new SlipwayError('file-unreadable', `${file}: ${reading.fault.message}`)
  for (const text of secretTexts(reading.value)) session.learn(text)
  return reading.value
}
