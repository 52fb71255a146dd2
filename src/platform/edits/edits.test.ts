import { describe, expect, it } from 'vitest'
import type { PlatformSpec } from '../spec.ts'
import { disabled, wantedIn } from './disabled.ts'
import { undoneFindings } from './undone.ts'

const charts = [
  { name: 'db', chart: 'oci://r.example/db', version: '1.0.0' },
  { name: 'shop', chart: './shop.tgz', after: ['db'] },
]
const platform: PlatformSpec = { components: { 'infra-postgres': { size: '20Gi' } }, charts }

describe('turned off', () => {
  it('is a component that is named, one that another one needs, and a chart that nothing waits for any more', () => {
    expect(disabled(platform, ['infra-postgres'])?.components).toEqual({
      'infra-postgres': { size: '20Gi', enabled: false },
    })
    expect(disabled(platform, ['operator-pgo'])?.components).toEqual({
      ...platform.components,
      'operator-pgo': { enabled: false },
    })
    expect(disabled(platform, ['db'])?.charts).toEqual([{ name: 'shop', chart: './shop.tgz', after: [] }])
  })

  it('is what is off already as it was, whatever else is named', () => {
    const off = disabled(platform, ['infra-postgres', 'db'])
    expect(disabled(off, ['infra-postgres', 'db'])).toEqual(off)
    expect(disabled(platform, ['operator-grafana', 'nothing'])).toEqual(platform)
    expect(disabled(undefined, ['db'])).toBeUndefined()
  })
})

it('a release in another namespace than the wanted one is one of before, and turns nothing off', () => {
  expect(wantedIn(platform, ['shop', 'infra-postgres', 'gone'], 'elsewhere')).toEqual(['gone'])
  expect(wantedIn(platform, ['shop', 'infra-postgres'], 'postgres')).toEqual(['infra-postgres'])
  expect(wantedIn(platform, ['shop', 'infra-postgres'], null)).toEqual(['shop', 'infra-postgres'])
})

describe('a file that was applied before', () => {
  const found = (
    file: PlatformSpec,
    desired: PlatformSpec | undefined,
    lastApplied: PlatformSpec | undefined = platform,
  ) =>
    undoneFindings({ file, lastApplied, desired }).map(({ name, about, remedy }) => [name, about, remedy.split(';')[0]])

  it('would undo what commands have done since; another one says what it means', () => {
    const off = disabled(platform, ['infra-postgres', 'shop'])
    expect(found(platform, off)).toEqual([
      ['command-undone', 'component infra-postgres', 'Say so in the file: enabled: false'],
      ['command-undone', 'chart shop', 'Take it out of the file as well'],
    ])
    expect(found(platform, disabled(platform, ['operator-pgo']))).toMatchObject([
      ['command-undone', 'component operator-pgo', expect.anything()],
    ])
    expect(off && found(off, off)).toEqual([])
    expect(found(platform, off, { charts: [] })).toEqual([])
    expect(found(platform, platform)).toEqual([])
    expect(found(platform, undefined, {})).toEqual([])
  })

  it('would undo another version, with the words that the file lacks', () => {
    const newer = {
      ...platform,
      charts: charts.map(chart => ('version' in chart ? { ...chart, version: '1.1.0' } : chart)),
    }
    expect(found(platform, newer)).toEqual([
      ['command-undone', 'chart db', 'Write it into the file as well: version: 1.1.0'],
    ])
    const oldest = { ...platform, charts: charts.map(chart => ({ ...chart, version: '0.9.0' })) }
    expect(found(oldest, newer)).toEqual([])
  })
})
