import { SlipwayError } from '../domain/errors.ts'
import type { ApiAccess } from '../kubernetes/apiAccess.ts'
import type { Way } from '../kubernetes/connection.ts'
import { kubeconfigText } from '../kubernetes/kubeconfigText.ts'
import { openBridge } from './bridge.ts'
import { chartName } from './chartFile.ts'
import { callHelm, type HelmSurroundings } from './command.ts'
import { toldByHelm } from './told.ts'

export interface Installation {
  readonly name: string
  readonly namespace: string
  /** The packed chart. */
  readonly chart: Uint8Array
  readonly values: unknown
  /** By which the release is known as ours. */
  readonly labels: Readonly<Record<string, string>>
  /** Kept with the revision, which is then known to be ours alone. */
  readonly description: string
  /** ms that Helm waits for each of its hooks. */
  readonly timeout: number
}

/** Revisions that Helm keeps, for a rollback. */
const history = 10

/**
 * Installs a chart, or makes its release one of this chart with these values and no others. That its workloads become
 * ready is not waited for.
 * @throws SlipwayError `chart-refused` with what Helm or the API says; as `callHelm` says.
 */
export async function installChart(
  { name, namespace, chart, values, labels, description, timeout }: Installation,
  { access, way }: { readonly access: ApiAccess; readonly way: Way },
  around: HelmSurroundings,
): Promise<void> {
  await using bridge = await openBridge(access, way)
  const { exitCode, stderr } = await callHelm(
    [
      'upgrade',
      name,
      chartName,
      '--install',
      '--create-namespace',
      `--namespace=${namespace}`,
      '--values=values.yaml',
      '--reset-values',
      `--history-max=${history}`,
      `--timeout=${Math.ceil(timeout / 1000)}s`,
      `--labels=${Object.entries(labels)
        .map(([key, value]) => `${key}=${value}`)
        .join()}`,
      `--description=${description}`,
      '--skip-crds',
      '--hide-notes',
      '--output=json',
    ],
    // JSON is YAML whose texts no reader takes for a switch or a number (yes, 1e3, 12:30).
    { [chartName]: chart, 'values.yaml': JSON.stringify(values), kubeconfig: kubeconfigText(bridge.access, 'slipway') },
    around,
  )
  if (exitCode !== 0) throw new SlipwayError('chart-refused', `${namespace}/${name}: ${toldByHelm(stderr)}`)
}
