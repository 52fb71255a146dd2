import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { create } from 'tar'
import { parse, stringify } from 'yaml'
import { z } from 'zod'
import { fluentDefinitions } from './definitions/fluent.ts'
import { grafanaDefinitions } from './definitions/grafana.ts'
import { openSearchDefinitions } from './definitions/opensearch.ts'
import { postgresDefinitions } from './definitions/postgres.ts'
import { victoriaMetricsDefinitions } from './definitions/victoriametrics.ts'

/**
 * The charts of the operators, by the names of the real ones: with their CustomResourceDefinitions where the real ones have
 * them, `crds/` or a folder of which a template makes objects.
 */
const charts = {
  pgo: { definitions: postgresDefinitions, place: 'crds' },
  'victoria-metrics-operator': { definitions: victoriaMetricsDefinitions, place: 'files' },
  'opensearch-operator': { definitions: openSearchDefinitions, place: 'files' },
  'grafana-operator': { definitions: grafanaDefinitions, place: 'charts/crds/crds' },
  'fluent-operator': { definitions: fluentDefinitions, place: 'crds' },
  'kube-state-metrics': { definitions: [], place: 'crds' },
} as const

export type LabChartName = keyof typeof charts

export interface LabChartOptions {
  /** Of the chart; another one stands in its images as well, where the operator has the version of its chart. */
  readonly version?: string
  /** Of the operator. */
  readonly appVersion?: string
  /** More files, or others in the place of its own: by their path. */
  readonly files?: Readonly<Record<string, string>>
}

const chartShape = z.looseObject({ version: z.string(), appVersion: z.string() })

/** The chart of an operator, packed as `helm package` packs it. */
export function labChart(name: LabChartName, options: LabChartOptions = {}): Buffer {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-lab-chart-'))
  try {
    const at = (path: string) => join(folder, name, path)
    cpSync(join(import.meta.dirname, 'charts', name), at(''), { recursive: true })
    const chart = chartShape.parse(parse(readFileSync(at('Chart.yaml'), 'utf8')))
    const version = options.version ?? chart.version
    const appVersion = options.appVersion ?? (chart.appVersion === chart.version ? version : chart.appVersion)
    const values = readFileSync(at('values.yaml'), 'utf8').replaceAll(chart.appVersion, appVersion)
    const { definitions, place } = charts[name]
    const files = {
      'Chart.yaml': stringify({ ...chart, version, appVersion }),
      'values.yaml': values,
      ...Object.fromEntries(definitions.map(one => [`${place}/${one.spec.names.plural}.yaml`, stringify(one)])),
      ...options.files,
    }
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(join(at(path), '..'), { recursive: true })
      writeFileSync(at(path), text)
    }
    const file = join(folder, 'packed.tgz')
    create({ file, cwd: folder, gzip: true, sync: true, portable: true, mtime: new Date(0) }, [name])
    return readFileSync(file)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
