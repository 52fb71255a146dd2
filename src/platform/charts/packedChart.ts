import { createHash } from 'node:crypto'
import type { ClusterSession } from '../../clusters/session.ts'
import { readFolderArchive } from '../../domain/clusterFile/folderArchive.ts'
import { SlipwayError } from '../../domain/errors.ts'
import type { StageContext } from '../../engine/contract/stage.ts'
import type { HelmSurroundings } from '../../helm/command.ts'
import { packChart } from '../../helm/packageChart.ts'
import { readLocalChart } from '../../helm/localChart.ts'
import { pullChart } from '../../helm/pull.ts'
import { chartFolder } from '../chartFiles.ts'
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
      ? await ofFile(await session.openFile(source.file), wanted, observations, around)
      : await observations.read(`platform/packed/${JSON.stringify(source)}`, () =>
          source.kind === 'local' ? readLocalChart(source.path, around) : pullChart(source, around),
        )
  const digest = `sha256:${createHash('sha256').update(packed).digest('hex')}`
  if (wanted.digest === undefined || wanted.digest === digest) return packed
  throw new SlipwayError('chart-unavailable', `${wanted.chart}: its digest is ${digest}, and not ${wanted.digest}`, {
    remedy:
      'Find out why it is another one; where it is the one that is meant, write its digest into the cluster file.',
  })
}

/** A folder is packed by Helm, which leaves out what its .helmignore says; a packed chart is what it is. */
async function ofFile(
  contents: string,
  { chart, digest }: NamedChart,
  observations: StageContext['observations'],
  around: HelmSurroundings,
): Promise<Uint8Array> {
  const files = readFolderArchive(contents, chartFolder)
  if (!files.ok || !files.value.some(({ path }) => path === 'Chart.yaml')) return Buffer.from(contents, 'base64')
  if (digest !== undefined)
    throw new SlipwayError('chart-unavailable', `${chart}: a digest is one of a packed chart, and this is a folder`, {
      remedy: 'Leave out digest, or name what `helm package` has written.',
    })
  const key = createHash('sha256').update(contents).digest('hex')
  return observations.read(`platform/folder/${key}`, () => packChart(files.value, chart, around))
}
