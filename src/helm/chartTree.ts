import { parseAllDocuments } from 'yaml'
import { z } from 'zod'
import type { Json } from '../contract/json.ts'
import { type ArchiveFile, archiveFiles } from './archiveFiles.ts'

/** A chart with its subcharts, as far as it matters for what of their `crds/` Helm would install. */
export interface ChartTree {
  /** As the chart above calls it. */
  readonly name: string
  readonly values: Values
  /** Whether a template of it, or of a chart in it, looks at what the cluster has. */
  readonly asksCluster: boolean
  /** What its own folder `crds/` defines. */
  readonly definitions: readonly ChartDefinition[]
  readonly charts: readonly Subchart[]
}
interface Subchart extends ChartTree {
  /** Paths of values, of which the first that is a switch says whether it is there. */
  readonly conditions: readonly string[]
  readonly tags: readonly string[]
}
type Values = Readonly<Record<string, Json>>

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

// What no values file can say otherwise is no switch either.
const valuesShape = z.record(z.string(), z.json()).catch({})
const dependency = z.object({
  name: z.string(),
  alias: z.string().nullish(),
  condition: z.string().nullish(),
  tags: z.array(z.string()).nullish(),
})
const requirements = z.object({ dependencies: z.array(dependency).nullish() }).nullish()
const metadata = z.object({ name: z.string(), dependencies: z.array(dependency).nullish() })

/**
 * Reads a packed chart that Helm takes.
 * @throws Error that says what is wrong with a file of `crds/`.
 */
export const readChartTree = async (packed: Uint8Array): Promise<ChartTree> => treeOf(below(await archiveFiles(packed)))

async function treeOf(files: readonly ArchiveFile[]): Promise<ChartTree> {
  const text = (path: string) => files.find(file => file.path === path)?.contents.toString('utf8') ?? ''
  const yaml = (path: string): unknown => parseAllDocuments(text(path), lenient)[0]?.toJS(aliases)
  const read = metadata.parse(yaml('Chart.yaml'))
  // Charts of Helm 2 say it in a file of its own.
  const dependencies = read.dependencies ?? requirements.parse(yaml('requirements.yaml'))?.dependencies ?? []
  const charts = await Promise.all(subchartsIn(files).map(async part => treeOf(await part)))
  return {
    name: read.name,
    values: valuesShape.parse(yaml('values.yaml')),
    asksCluster: charts.some(chart => chart.asksCluster) || files.some(asksCluster),
    definitions: files.filter(({ path }) => /^crds\/.*\.(?:ya?ml|json)$/.test(path)).flatMap(documentsIn),
    charts: charts.flatMap((chart): Subchart[] => {
      const wanted = dependencies.filter(({ name }) => name === chart.name)
      if (wanted.length === 0) return [{ ...chart, conditions: [], tags: [] }]
      return wanted.map(({ alias, condition, tags }) => ({
        ...chart,
        name: alias ?? chart.name,
        conditions: (condition ?? '').split(',').flatMap(path => path.trim() || []),
        tags: tags ?? [],
      }))
    }),
  }
}

const asksCluster = ({ path, contents }: ArchiveFile): boolean =>
  path.startsWith('templates/') && /\blookup\b|\bCapabilities\b/.test(contents.toString('utf8'))

const lenient = { logLevel: 'silent', uniqueKeys: false } as const
const aliases = { maxAliasCount: 10_000 }

/** Without the folder that all of them lie in. */
const below = (files: readonly ArchiveFile[]): ArchiveFile[] =>
  files.map(({ path, contents }) => ({ path: path.replace(/^(?:\.\/)?[^/]+\//, ''), contents }))

/** The files of each subchart, which is a folder or packed itself. */
function subchartsIn(files: readonly ArchiveFile[]): (ArchiveFile[] | Promise<ArchiveFile[]>)[] {
  const inside = files.flatMap(({ path, contents }) =>
    /^charts\/[^_.]/.test(path) ? [{ path: path.slice('charts/'.length), contents }] : [],
  )
  const packed = inside.filter(({ path }) => /^[^/]+\.tgz$/.test(path))
  const folders = Map.groupBy(
    inside.filter(({ path }) => path.includes('/')),
    ({ path }) => path.split('/')[0],
  )
  return [
    ...[...folders.values()].map(below),
    ...packed.map(async ({ contents }) => below(await archiveFiles(contents))),
  ]
}

function documentsIn({ contents }: ArchiveFile): ChartDefinition[] {
  return parseAllDocuments(contents.toString('utf8'), lenient).flatMap((document): ChartDefinition[] => {
    if (document.errors[0]) throw new Error(`a file in crds/ is no YAML: ${document.errors[0].message}`)
    const value: unknown = document.toJS(aliases)
    if (value === null || value === undefined) return []
    const found = definition.safeParse(value)
    if (found.success) return [found.data]
    throw new Error('a file in crds/ holds something else than a CustomResourceDefinition of apiextensions.k8s.io/v1')
  })
}

/** What Helm would install of `crds/` with these values: nothing of subcharts that they turn off. Pure. */
export function definitionsWith(tree: ChartTree, values: Values): ChartDefinition[] {
  const all = coalesced(tree, values)
  const found = definitionsBelow(tree, all, all['tags'])
  // A subchart may be there twice, under two names.
  return [...new Map(found.map(one => [one.metadata.name, one])).values()]
}

function definitionsBelow(tree: ChartTree, values: Values, tags: Json | undefined): ChartDefinition[] {
  const enabled = tree.charts.filter(chart => isEnabled(chart, values, tags))
  return [...tree.definitions, ...enabled.flatMap(chart => definitionsBelow(chart, mapOf(values[chart.name]), tags))]
}

/** A condition counts more than tags; of tags one that is on counts more than those that are off. */
function isEnabled({ conditions, tags }: Subchart, values: Values, switches: Json | undefined): boolean {
  const said = conditions
    .map(path => path.split('.').reduce<Json | undefined>((value, key) => mapOf(value)[key], values))
    .find(value => typeof value === 'boolean')
  if (said !== undefined) return said
  const set = tags.map(tag => mapOf(switches)[tag])
  return set.includes(true) || !set.includes(false)
}

/** Values as Helm hands them down: those from above over those of a chart, `global` to all. */
function coalesced(tree: ChartTree, given: Values): Values {
  const values = over(given, tree.values)
  const parts = tree.charts.map((chart): [string, Values] => {
    const part = mapOf(values[chart.name])
    const global = over(mapOf(values['global']), mapOf(part['global']))
    return [chart.name, coalesced(chart, { ...part, global })]
  })
  return { ...values, ...Object.fromEntries(parts) }
}

const over = (upper: Values, lower: Values): Values => ({
  ...lower,
  ...Object.fromEntries(
    Object.entries(upper).map(([key, value]): [string, Json] => {
      const below = lower[key]
      return [key, isMap(value) && isMap(below) ? over(value, below) : value]
    }),
  ),
})

const isMap = (value: Json | undefined): value is Record<string, Json> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const mapOf = (value: Json | undefined): Values => (isMap(value) ? value : {})
