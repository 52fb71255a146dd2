import { expect, it } from 'vitest'
import { checkPlatform } from './rules.ts'

const found = (...charts: { name: string; after?: string[] }[]) =>
  checkPlatform({ charts: charts.map(chart => ({ chart: './a.tgz', ...chart })) }).map(
    ({ name, path }) => `${name} ${path.join('.')}`,
  )

it('takes charts that wait for each other in no circle', () => {
  expect(found({ name: 'a', after: ['b', 'c'] }, { name: 'b', after: ['c'] }, { name: 'c' })).toEqual([])
  expect(checkPlatform(undefined)).toEqual([])
})

it('finds a name that stands twice, one that nobody has, and circles of any length', () => {
  expect(found({ name: 'a' }, { name: 'a' })).toEqual(['chart-twice platform.charts.1.name'])
  expect(found({ name: 'a', after: ['b'] })).toEqual(['chart-unknown platform.charts.0.after.0'])
  expect(found({ name: 'a', after: ['a'] })).toEqual(['chart-circle platform.charts.0.after'])
  expect(found({ name: 'a', after: ['b'] }, { name: 'b', after: ['c'] }, { name: 'c', after: ['b'] })).toEqual([
    'chart-circle platform.charts.1.after',
    'chart-circle platform.charts.2.after',
  ])
})
