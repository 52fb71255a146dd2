import { parse, parseAllDocuments } from 'yaml'
import { z } from 'zod'
import { SlipwayError } from '../domain/errors.ts'
import { callHelm, type HelmSurroundings } from './command.ts'
import { toldByHelm } from './told.ts'

const metadata = z.object({
  name: z.string(),
  version: z.string(),
  type: z.string().nullish(),
})

/** What a packed chart says of itself. */
export interface ChartFacts {
  readonly name: string
  readonly version: string
  /** What its folder `crds/` defines. */
  readonly definitions: readonly ChartDefinition[]
}

/** A CustomResourceDefinition as a chart has it. */
export type ChartDefinition = z.infer<typeof definition>

const definition = z
  .object({
    apiVersion: z.literal('apiextensions.k8s.io/v1'),
    kind: z.literal('CustomResourceDefinition'),
    metadata: z
      .object({
        name: z.string(),
        labels: z.record(z.string(), z.string()).readonly().optional(),
        annotations: z.record(z.string(), z.string()).readonly().optional(),
      })
      .readonly(),
    spec: z.record(z.string(), z.json()),
  })
  .readonly()

/**
 * Reads a packed chart as Helm does, with all that it would refuse of it.
 * @param about how messages name it. @throws SlipwayError `chart-invalid`; as `callHelm` says.
 */
export async function readChart(packed: Uint8Array, about: string, around: HelmSurroundings): Promise<ChartFacts> {
  const wrong = (why: string) => new SlipwayError('chart-invalid', `${about}: ${why}`)
  const show = async (what: string) => {
    const { exitCode, stdout, stderr } = await callHelm(['show', what, chartName], { [chartName]: packed }, around)
    if (exitCode !== 0) throw wrong(toldByHelm(stderr))
    return stdout
  }
  const [chart, crds] = await Promise.all([show('chart'), show('crds')])
  const read = metadata.safeParse(parse(chart))
  if (!read.success) throw wrong('its Chart.yaml has no name or no version')
  if (read.data.type === 'library') throw wrong('it is a library for other charts, and has nothing to install')
  const { name, version } = read.data
  return { name, version, definitions: definitionsIn(crds) }

  function definitionsIn(text: string): ChartDefinition[] {
    const documents = parseAllDocuments(text, { logLevel: 'silent', uniqueKeys: false })
    return documents.flatMap((document): ChartDefinition[] => {
      if (document.errors[0]) throw wrong(`a file in crds/ is no YAML: ${document.errors[0].message}`)
      const value: unknown = document.toJS()
      if (value === null || value === undefined) return []
      const found = definition.safeParse(value)
      if (found.success) return [found.data]
      throw wrong('a file in crds/ holds something else than a CustomResourceDefinition of apiextensions.k8s.io/v1')
    })
  }
}

/** Of a packed chart among the files of a call. */
export const chartName = 'chart.tgz'
