import { SlipwayError } from '../domain/errors.ts'
import { callHelm, type HelmSurroundings } from './command.ts'
import { toldByHelm } from './told.ts'

/** A chart that lies elsewhere, in just one version. */
export interface RemoteChart {
  /** `oci://registry.example/charts/web`, or its name in a repository. */
  readonly chart: string
  /** URL of a chart repository; null for OCI. */
  readonly repository: string | null
  readonly version: string
}

/** ms; a registry that does not answer must not hold up a plan for long. */
const patience = 60_000

/**
 * Fetches the packed chart.
 * @throws SlipwayError `chart-unavailable` that says why; as `callHelm` says.
 */
export async function pullChart(remote: RemoteChart, around: HelmSurroundings): Promise<Uint8Array> {
  const { chart, repository, version } = remote
  const where = repository === null ? chart : `${chart} in ${repository}`
  const unavailable = (why: string) => new SlipwayError('chart-unavailable', `${where} ${version}: ${why}`)
  const late = AbortSignal.timeout(patience)
  const signal = AbortSignal.any([around.signal, late])
  try {
    const { exitCode, stderr, packed } = await callHelm(
      ['pull', chart, `--version=${version}`, ...(repository === null ? [] : [`--repo=${repository}`])],
      {},
      { ...around, signal },
      /\.tgz$/,
    )
    if (exitCode !== 0) throw unavailable(toldByHelm(stderr))
    if (!packed) throw unavailable('Helm has brought no packed chart')
    return packed
  } catch (error) {
    around.signal.throwIfAborted()
    if (late.aborted) throw unavailable(`no answer within ${patience / 1000} s`)
    throw error
  }
}
