import { fault, type RuleFinding } from '../domain/ruleFinding.ts'
import type { PlatformChart, PlatformSpec } from './spec.ts'

type Charts = readonly Pick<PlatformChart, 'name' | 'after'>[]

/** Rules over the platform of a cluster file that a field alone can't tell. Pure. */
export const checkPlatform = (platform: Pick<PlatformSpec, 'charts'> | undefined): RuleFinding[] =>
  ofCharts(platform?.charts ?? [])

function ofCharts(charts: Charts): RuleFinding[] {
  const known = new Set(charts.map(({ name }) => name))
  const findings: RuleFinding[] = []
  const seen = new Set<string>()
  for (const [index, { name, after = [] }] of charts.entries()) {
    const path = ['platform', 'charts', index]
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
            `there is no chart ${other}`,
            `Name one of the charts of this file: ${[...known].join(', ')}.`,
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
