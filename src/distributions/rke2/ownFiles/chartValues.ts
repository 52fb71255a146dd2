import { isMap, LineCounter, parseDocument } from 'yaml'
import { editDistance, nearest } from '../../../domain/clusterFile/nearest.ts'
import type { KubernetesDocument } from './documents.ts'
import { packagedCharts } from './manifestNames.ts'

interface ChartFault {
  readonly message: string
  readonly remedy: string
}

/**
 * What is wrong with the values for a chart, as of the ingress controller: RKE2 takes such an object, and it has no effect
 * or Helm fails later. Nothing that stands in it is quoted, but for names of RKE2's own charts.
 */
export function chartFault(documents: readonly KubernetesDocument[]): ChartFault | null {
  const charts = documents.filter(({ apiVersion }) => apiVersion.startsWith('helm.cattle.io/'))
  return charts.map(document => placeFault(document) ?? valuesFault(document)).find(fault => fault !== null) ?? null
}

/** A HelmChartConfig belongs to the chart of its name, in its namespace. */
function placeFault({ kind, name, namespace }: KubernetesDocument): ChartFault | null {
  if (kind !== 'HelmChartConfig' || name === null) return null
  if (packagedCharts.includes(name))
    return namespace === null || namespace === 'kube-system'
      ? null
      : {
          message: `the HelmChartConfig ${name} is in another namespace than RKE2’s chart: it would have no effect`,
          remedy: 'Write metadata.namespace: kube-system.',
        }
  const guess = name.startsWith('rke2-') ? nearest(name, packagedCharts) : null
  // A later release may bring a chart that is not known here.
  return guess === null || editDistance(name, guess) > 2
    ? null
    : {
        message: `a HelmChartConfig is for a chart that RKE2 does not have; did you mean ${guess}?`,
        remedy: `Write metadata.name: ${guess}.`,
      }
}

function valuesFault({ kind, values }: KubernetesDocument): ChartFault | null {
  if (values === undefined) return null
  const about = `spec.valuesContent of a ${kind === 'HelmChart' ? kind : 'HelmChartConfig'}`
  const remedy = 'Write `valuesContent: |-`, and the values below it, further in.'
  if (values === null) return { message: `${about} is no text`, remedy }
  const lines = new LineCounter()
  const { contents, errors } = parseDocument(values, {
    logLevel: 'silent',
    prettyErrors: false,
    uniqueKeys: false,
    lineCounter: lines,
  })
  const [error] = errors
  if (error)
    return {
      message: `line ${lines.linePos(error.pos[0]).line} of ${about} is not YAML (${error.code.toLowerCase().replaceAll('_', ' ')})`,
      remedy: 'Put that line right; `helm template` reads the values as well.',
    }
  return contents === null || isMap(contents) ? null : { message: `${about} is no map`, remedy }
}
