import { parse } from 'yaml'
import { z } from 'zod'
import { SlipwayError } from '../domain/errors.ts'
import { type ChartTree, readChartTree } from './chartTree.ts'
import { type CallFiles, callHelm, type HelmSurroundings } from './command.ts'
import { toldByHelm } from './told.ts'

const metadata = z.object({
  name: z.string(),
  version: z.string(),
  type: z.string().nullish(),
})

/** What a packed chart says of itself. */
export interface PackedChart {
  readonly name: string
  readonly version: string
  readonly tree: ChartTree
}

/**
 * Reads a packed chart as Helm does, with all that it would refuse of it.
 * @param about how messages name it. @throws SlipwayError `chart-invalid`; as `callHelm` says.
 */
export async function readChart(packed: Uint8Array, about: string, around: HelmSurroundings): Promise<PackedChart> {
  const wrong = (why: string) => new SlipwayError('chart-invalid', `${about}: ${why}`)
  const { exitCode, stdout, stderr } = await callHelm(['show', 'chart', chartName], { [chartName]: packed }, around)
  if (exitCode !== 0) throw wrong(toldByHelm(stderr))
  const read = metadata.safeParse(parse(stdout))
  if (!read.success) throw wrong('its Chart.yaml has no name or no version')
  if (read.data.type === 'library') throw wrong('it is a library for other charts, and has nothing to install')
  const { name, version } = read.data
  const tree = await readChartTree(packed).catch((cause: unknown) => {
    throw wrong(cause instanceof Error ? cause.message : 'it cannot be unpacked')
  })
  return { name, version, tree }
}

/** Of a packed chart among the files of a call. */
export const chartName = 'chart.tgz'

/** Files of a call that renders a chart with these values. */
// JSON is YAML whose texts no reader takes for a switch or a number (yes, 1e3, 12:30).
export const valuesAnd = (chart: Uint8Array, values: unknown): CallFiles => ({
  [chartName]: chart,
  'values.yaml': JSON.stringify(values),
})
