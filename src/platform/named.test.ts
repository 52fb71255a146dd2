import { describe, expect, it } from 'vitest'
import { SlipwayError } from '../domain/errors.ts'
import { platformStages } from './pipeline.ts'
import { type PlatformSpec, platformSpec } from './spec.ts'

const read = (platform: unknown): PlatformSpec => platformSpec.parse(platform)
const charts = [
  { name: 'db', chart: 'db.tgz', after: [] },
  { name: 'web', chart: 'web.tgz', after: ['db', 'infra-postgres'] },
  { name: 'last', chart: 'last.tgz' },
]
const components = { 'infra-postgres': {}, 'operator-grafana': {}, 'operator-fluent': { enabled: false } }
const platform = read({ components, charts })
const keys = (only: readonly string[], of = platform) => platformStages('demo', of, [], only).map(({ key }) => key)
const all = platformStages('demo', platform, [])

describe('of the platform those are meant that are named', () => {
  it('with what they need, and in the same words as in a plan of all', () => {
    expect(keys(['web'])).toEqual([
      'platform/prerequisites',
      'platform/component:operator-pgo',
      'platform/component:infra-postgres',
      'platform/chart:db',
      'platform/chart:web',
    ])
    const ofAll = new Map(all.map(stage => [stage.key, stage]))
    for (const stage of platformStages('demo', platform, [], ['web'])) expect(stage).toEqual(ofAll.get(stage.key))
  })

  it('and nobody else: what a chart only comes after is not waited for', () => {
    expect(all.find(({ key }) => key === 'platform/chart:last')?.needs).toContainEqual({
      stage: 'platform/component:operator-grafana',
      until: 'settled',
    })
    const chosen = platformStages('demo', platform, [], ['last'])
    expect(chosen.map(({ key }) => key)).not.toContain('platform/component:operator-grafana')
    const there = new Set(chosen.map(({ key }) => key))
    for (const { needs } of chosen) for (const need of needs) expect(there).toContain(need.stage)
  })

  it('one after the other where the file says so, each once', () => {
    const sequential = read({ components, charts, order: 'sequential' })
    const chosen = platformStages('demo', sequential, [], ['web', 'db', 'web'])
    expect(chosen.map(({ key }) => key)).toEqual(keys(['web']))
    for (const [at, { needs }] of chosen.entries())
      expect(needs.map(({ stage }) => stage)).toEqual(at === 0 ? [] : expect.arrayContaining([chosen[at - 1]?.key]))
  })

  it('all where none is named', () => {
    expect(keys([])).toEqual(all.map(({ key }) => key))
    expect(platformStages('demo', undefined, [])).toEqual([])
  })
})

it.each([
  ['turned off', 'operator-fluent', platform, /turned off/, /spec\.platform\.components\.operator-fluent\.enabled/],
  ['not named', 'infra-opensearch', platform, /does not name/, /spec\.platform\.components\.infra-opensearch: \{\}/],
  ['unknown', 'infra-postgre', platform, /no component or chart/, /operator-pgo, .*infra-postgres, db, web, last/],
  ['of a file without any', 'web', undefined, /no component or chart/, /slipway platform components/],
] as const)('what is %s is refused', (_what, name, of, message, remedy) => {
  const refused = () => platformStages('demo', of, [], [name])
  expect(refused).toThrow(SlipwayError)
  try {
    refused()
  } catch (error) {
    expect(error).toMatchObject({
      code: 'usage',
      message: expect.stringMatching(message),
      remedy: expect.stringMatching(remedy),
    })
  }
})
