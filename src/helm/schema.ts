import { SlipwayError } from '../domain/errors.ts'
import { chartName } from './chartFile.ts'
import { callHelm, type HelmSurroundings } from './command.ts'
import { toldByHelm } from './told.ts'

/**
 * Refuses values that the schema of a chart refuses; no cluster is asked. What else would fail of it may hang on the cluster,
 * and is not told here.
 * @param release how messages name it. @throws SlipwayError `chart-refused` in Helm's words; as `callHelm` says.
 */
export async function refuseValues(
  chart: Uint8Array,
  values: unknown,
  release: string,
  around: HelmSurroundings,
): Promise<void> {
  const files = { [chartName]: chart, 'values.yaml': JSON.stringify(values) }
  const { exitCode, stderr } = await callHelm(['template', 'check', chartName, '--values=values.yaml'], files, around)
  if (exitCode === 0 || !/values don't meet the specifications of the schema/.test(stderr)) return
  throw new SlipwayError('chart-refused', `${release}: ${toldByHelm(stderr)}`, {
    remedy: 'Write the values that are named as the schema of the chart wants them: helm show values CHART.',
  })
}
