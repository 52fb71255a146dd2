import type { FolderFile } from '../domain/clusterFile/folderArchive.ts'
import { SlipwayError } from '../domain/errors.ts'
import { callHelm, type HelmSurroundings } from './command.ts'
import { toldByHelm } from './told.ts'

const folder = 'chart'

/**
 * Packs the folder of a chart.
 * @param about how messages name it. @throws SlipwayError `chart-invalid` in Helm's words; as `callHelm` says.
 */
export async function packChart(
  files: readonly FolderFile[],
  about: string,
  around: HelmSurroundings,
): Promise<Uint8Array> {
  const named = Object.fromEntries(files.map(({ path, contents }) => [`${folder}/${path}`, contents]))
  const { exitCode, stderr, packed } = await callHelm(['package', folder], named, around, /\.tgz$/)
  if (exitCode === 0 && packed) return packed
  throw new SlipwayError('chart-invalid', `${about}: ${toldByHelm(stderr)}`, {
    remedy: `Try it: \`helm package FOLDER\` and \`helm template FOLDER\`; \`helm dependency build FOLDER\` brings the charts that it needs into its charts/.`,
  })
}
