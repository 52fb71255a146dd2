import { createHash } from 'node:crypto'
import type { ClusterSession } from '../../clusters/session.ts'
import { SlipwayError } from '../../domain/errors.ts'
import type { StageContext } from '../../engine/contract/stage.ts'
import type { HelmSurroundings } from '../../helm/command.ts'
import { pullChart } from '../../helm/pull.ts'
import { type NamedChart, sourceOf } from '../chartSource.ts'

/**
 * The packed chart, from wherever it comes; fetched once for a plan, and once more by the stage that installs it.
 * @throws SlipwayError `chart-unavailable`, also when it is another one than its digest says; `file-unreadable`.
 */
export async function packedChart(
  wanted: NamedChart,
  session: Pick<ClusterSession, 'openFile'>,
  { observations }: Pick<StageContext, 'observations'>,
  around: HelmSurroundings,
): Promise<Uint8Array> {
  const source = sourceOf(wanted)
  const packed =
    source.kind === 'file'
      ? Buffer.from(await session.openFile(source.file), 'base64')
      : await observations.read(`platform/packed/${JSON.stringify(source)}`, () => pullChart(source, around))
  const digest = `sha256:${createHash('sha256').update(packed).digest('hex')}`
  if (wanted.digest === undefined || wanted.digest === digest) return packed
  throw new SlipwayError('chart-unavailable', `${wanted.chart}: its digest is ${digest}, and not ${wanted.digest}`, {
    remedy:
      'Find out why it is another one; where it is the one that is meant, write its digest into the cluster file.',
  })
}
