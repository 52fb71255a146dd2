import { SlipwayError } from '../../domain/errors.ts'
import type { StageContext } from '../../engine/contract/stage.ts'
import { chartDigest } from '../../helm/chartDigest.ts'
import { readChart } from '../../helm/chartFile.ts'
import type { HelmSurroundings } from '../../helm/command.ts'
import { readSecretValues } from '../chartFiles.ts'
import type { PlatformSession } from '../platformSession.ts'
import { platformSpec } from '../spec.ts'
import type { WantedChart } from './changes.ts'
import { packedChart } from './packedChart.ts'
import { merged, pathsOf, secretTexts } from './valueChanges.ts'

/**
 * A chart as the desired state has it. Its values are read there, and are no arguments of the stage: they may be secret,
 * and a plan shows those.
 * @throws SlipwayError `not-found` when the desired state has no such chart any more; `chart-invalid`,
 * `chart-unavailable`, `file-unreadable`.
 */
export async function wantedChart(
  { name, namespace }: Pick<WantedChart, 'name' | 'namespace'>,
  session: PlatformSession,
  context: StageContext,
  around: HelmSurroundings,
): Promise<WantedChart> {
  const platform = platformSpec.optional().parse((await session.desired()).spec.platform)
  const wanted = platform?.charts?.find(one => one.name === name)
  if (!wanted) throw new SlipwayError('not-found', `the cluster file has no chart ${name} any more`)
  const packed = await packedChart(wanted, session, context, around)
  const digest = await chartDigest(packed)
  const facts = await session.read(`platform/chart/${digest}`, () => readChart(packed, wanted.chart, around))
  const secret = await secretValues(wanted.secret_values, session)
  const values = merged(wanted.values ?? {}, secret)
  return { name, namespace, facts, packed, digest, values, secretPaths: new Set(pathsOf(secret)) }
}

async function secretValues(file: string | undefined, session: PlatformSession): Promise<WantedChart['values']> {
  if (file === undefined) return {}
  // As a whole it has lines that stand in every log.
  const reading = readSecretValues(await session.openFile(file))
  if (!reading.ok) throw new SlipwayError('file-unreadable', `${file}: ${reading.fault.message}`)
  for (const text of secretTexts(reading.value)) session.learn(text)
  return reading.value
}
