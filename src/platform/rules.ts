import { fault, type RuleFinding } from '../domain/ruleFinding.ts'
import { isOci, type NamedChart } from './chartSource.ts'
import { catalogue, catalogueFaults } from './catalogue/index.ts'
import { enabledComponents, settingsOf } from './components/enabled.ts'
import type { PlatformChart, PlatformSpec } from './spec.ts'

type Charts = readonly Pick<PlatformChart, 'name' | 'after' | 'chart' | 'repository' | 'version'>[]
type Written = Pick<PlatformSpec, 'charts' | 'components'>

/** Rules over the platform of a cluster file that a field alone can't tell. Pure. */
export const checkPlatform = (platform: Written | undefined): RuleFinding[] =>
  platform
    ? [
        ...ofCharts(
          platform.charts ?? [],
          enabledComponents(platform).map(({ component }) => component.name),
        ),
        ...ofComponents(platform),
        ...(platform.components
          ? catalogueFaults.map(message =>
              fault(
                'component-invalid',
                ['platform', 'components'],
                message,
                'Put it right, or take its folder out of SLIPWAY_COMPONENTS.',
              ),
            )
          : []),
      ]
    : []

/** Those with a chart of their own say where it comes from as charts do; the usual one can be moved, and be another version. */
const ofComponents = (platform: Written): RuleFinding[] =>
  Object.keys(platform.components ?? {}).flatMap(name => {
    const { chart, repository, version } = settingsOf(platform, name) ?? {}
    return chart === undefined ? [] : ofSource({ chart, repository, version }, ['platform', 'components', name])
  })

function ofCharts(charts: Charts, components: readonly string[]): RuleFinding[] {
  const names = charts.map(({ name }) => name)
  const known = new Set([...names, ...components])
  const findings: RuleFinding[] = []
  const seen = new Set<string>()
  for (const [index, chart] of charts.entries()) {
    const { name, after = [] } = chart
    const path = ['platform', 'charts', index]
    findings.push(...ofSource(chart, path))
    if (catalogue.some(component => component.name === name))
      findings.push(
        fault('chart-twice', [...path, 'name'], `a component is called ${name}`, 'Give the chart a name of its own.'),
      )
    if (seen.has(name))
      findings.push(
        fault(
          'chart-twice',
          [...path, 'name'],
          `an earlier chart is called ${name}`,
          'Give each chart a name of its own.',
        ),
      )
    seen.add(name)
    for (const [at, other] of after.entries())
      if (!known.has(other))
        findings.push(
          fault(
            'chart-unknown',
            [...path, 'after', at],
            `there is no chart or component ${other}`,
            `Name one of this file: ${[...known].join(', ')}.`,
          ),
        )
    if (waitsForItself(name, charts))
      findings.push(
        fault(
          'chart-circle',
          [...path, 'after'],
          `${name} would wait for itself`,
          'Leave out one of the names in after.',
        ),
      )
  }
  return findings
}

function ofSource(chart: NamedChart, path: RuleFinding['path']): RuleFinding[] {
  const at = (key: string, message: string, remedy: string) => [fault('chart-source', [...path, key], message, remedy)]
  const { repository, version } = chart
  if (isOci(chart) && repository !== undefined)
    return at('repository', 'an OCI reference names its registry itself', 'Leave out repository.')
  if (/^https?:\/\//i.test(chart.chart))
    return at(
      'chart',
      'a chart is not fetched by its URL',
      'Name it, its repository and its version: chart: web, repository: https://charts.example, version: 1.2.3. Or fetch it with curl, and name the file.',
    )
  const isFetched = isOci(chart) || repository !== undefined
  if (isFetched && version === undefined)
    return at('chart', 'a chart that is fetched needs its version', 'Write the one that is meant: version: 1.2.3.')
  if (!isFetched && version !== undefined)
    return at('version', 'a packed chart says its version itself', 'Leave out version, or name a repository.')
  if (repository !== undefined && !/^[a-z0-9][a-z0-9._-]*$/i.test(chart.chart))
    return at('chart', 'a repository has a chart by its name', 'Write its name alone, like chart: web.')
  if (isOci(chart) && !/^oci:\/\/[a-z0-9.-]+(?::\d+)?(?:\/[a-z0-9._-]+)+$/.test(chart.chart))
    return at(
      'chart',
      'this is no OCI reference of a chart',
      'Write it like oci://registry.example/charts/web, without a tag.',
    )
  return []
}

function waitsForItself(name: string, charts: Charts): boolean {
  const after = (one: string) => charts.find(chart => chart.name === one)?.after ?? []
  const met = new Set<string>()
  const open = [...after(name)]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (next === name) return true
    if (met.has(next)) continue
    met.add(next)
    open.push(...after(next))
  }
  return false
}
