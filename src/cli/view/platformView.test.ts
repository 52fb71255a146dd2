import { expect, it } from 'vitest'
import type { PlatformEntry, PlatformStatus } from '../../contract/platform.ts'
import { platformColumns, platformFindings, platformLines } from './platformView.ts'

const entry = (name: string, rest: Partial<PlatformEntry> = {}): PlatformEntry => ({
  name,
  kind: 'component',
  title: name,
  layer: 'operator',
  state: 'ready',
  version: null,
  where: null,
  owner: null,
  storage_class: null,
  reason: null,
  waits_for: [],
  needed_by: null,
  last_run: null,
  findings: [],
  ...rest,
})
const status = (rest: Partial<PlatformStatus>): PlatformStatus => ({
  cluster: 'demo',
  looked_at: '2026-01-01T00:00:00Z',
  differs: true,
  plan: 'abc',
  under_way: null,
  api: { error: null },
  components: [],
  notes: [],
  findings: [],
  ...rest,
})
const plain = (_style: unknown, text: string) => text
const finding = (message: string) =>
  ({ name: 'api-unreachable', severity: 'error', about: 'x', message, remedy: 'y' }) as const

it('of many objects the first one stands in the table', () => {
  const where = platformColumns.find(({ title }) => title === 'where')
  expect(where?.value(entry('a', { where: 'Namespace a, Namespace b, Namespace c' }))).toBe('Namespace a and 2 more')
  expect(where?.value(entry('a', { where: 'release a/a' }))).toBe('release a/a')
})

it('below the table stands why those are as they are that are not well, and what is under way', () => {
  const components = [
    entry('one', { state: 'external', reason: 'somebody else’s' }),
    entry('two', { state: 'differs', reason: 'set a: 1 → 2' }),
  ]
  expect(platformLines(status({ components, under_way: 'r1' }), plain)).toEqual([
    '',
    'two  set a: 1 → 2',
    '',
    'under way  run r1: what differs may be what it does (slipway logs -f r1)',
  ])
  expect(platformLines(status({}), plain)).toEqual(['The cluster file of demo has no component and no chart.'])
})

it('where the API does not answer that is said once, and not of each', () => {
  const error = { code: 'api-unreachable', message: 'nobody answers', remedy: 'y' }
  const components = ['one', 'two'].map(name =>
    entry(name, { state: 'unknown', reason: 'nobody answers', findings: [finding('nobody answers')] }),
  )
  const away = status({ api: { error }, components, findings: [finding('another')] })
  expect(platformLines(away, plain)).toEqual(['', 'API        not seen: nobody answers'])
  expect(platformFindings(away).map(({ message }) => message)).toEqual(['another'])
})
