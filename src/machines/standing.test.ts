import { expect, it } from 'vitest'
import type { StatePlace } from '../domain/machine.ts'
import { standingOf } from './standing.ts'

const place: StatePlace = {
  backend: 'b',
  title: 'pg (db)',
  workspace: 'slipway-w1',
  unwritten: false,
  making: [],
  lock: null,
}
const state = (serial: number, { lineage = 'ours', of = ['it'] }: { lineage?: string; of?: readonly string[] } = {}) =>
  JSON.stringify({
    version: 4,
    terraform_version: '1.12.6',
    serial,
    lineage,
    resources: of.map(name => ({
      mode: 'managed',
      type: 'a',
      name,
      instances: [{ attributes: { id: `id-${name}` } }],
    })),
  })
const empty = (serial: number, lineage = 'ours') => state(serial, { lineage, of: [] })
const nothing = { state: null, making: null }
const standing = (over: Partial<Parameters<typeof standingOf>[0]>) =>
  standingOf({ of: 'machine w1', place, copy: null, there: null, left: nothing, ...over })

it.each([
  ['nothing is anywhere', { place: null }, { kind: 'bring', text: null, why: 'new' }],
  ['it was begun, and nothing was made', { there: empty(1) }, { kind: 'there' }],
  ['it was begun, and what was made is not on record', { there: state(3) }, { kind: 'there' }],
  ['the database has it', { place: null, copy: state(3) }, { kind: 'bring', text: state(3), why: 'move' }],
  [
    'the database has it, the backend an empty one',
    { place: null, copy: state(3), there: empty(1, 'x') },
    { why: 'move' },
  ],
  ['it was brought there by hand', { place: null, copy: state(3), there: state(4) }, { kind: 'there' }],
  ['it is as it was seen last', { copy: state(3), there: state(3) }, { kind: 'there' }],
  ['others have worked with it', { copy: state(3), there: state(5) }, { kind: 'there' }],
  ['the last resource went, and its workspace', { copy: empty(7) }, { kind: 'bring', text: null, why: 'new' }],
  ['it is not there any more', { copy: state(3) }, { kind: 'lost', how: 'missing' }],
  ['an empty one has taken its place', { copy: state(3), there: empty(1, 'x') }, { kind: 'lost', how: 'missing' }],
  ['an older one is there', { copy: state(3), there: state(2) }, { kind: 'lost', how: 'older' }],
  [
    'another one is there',
    { copy: state(3), there: state(9, { lineage: 'x', of: ['that'] }) },
    { kind: 'lost', how: 'other' },
  ],
  [
    'another one is where the database’s is to be',
    { place: null, copy: state(3), there: state(9, { lineage: 'x', of: ['that'] }) },
    { kind: 'lost', how: 'other' },
  ],
  [
    'it was taken away by what was on record, and another one is there',
    { copy: empty(5), there: state(9, { lineage: 'x', of: ['that'] }) },
    { kind: 'lost', how: 'other' },
  ],
  [
    'it was taken away by what was on record, and an older one is there',
    { copy: empty(5), there: state(3) },
    { kind: 'lost', how: 'older' },
  ],
  [
    'it was being moved, and has arrived under another lineage',
    { place: { ...place, unwritten: true }, copy: state(3), there: state(1, { lineage: 'x' }) },
    { kind: 'there' },
  ],
  [
    'the backend did not take it',
    { place: { ...place, unwritten: true }, copy: state(5), there: state(3) },
    { kind: 'bring', text: state(5), why: 'unwritten' },
  ],
  [
    'the backend did not take that nothing is left',
    { place: { ...place, unwritten: true }, copy: empty(5), there: state(3) },
    { kind: 'bring', text: empty(5), why: 'unwritten' },
  ],
  [
    'the backend did not take it, and this host alone has it',
    { copy: state(3), there: state(4), left: { state: state(6, { of: ['it', 'more'] }), making: null } },
    { kind: 'bring', text: state(6, { of: ['it', 'more'] }), why: 'unwritten' },
  ],
  [
    'what this host has is of a machine before',
    { copy: state(3), there: state(3), left: { state: state(9, { lineage: 'x' }), making: null } },
    { kind: 'there' },
  ],
])('%s', (_what, facts, expected) => {
  expect(standing(facts)).toMatchObject(expected)
})

it('what was being made counts as not made, by what the command said, or else by the record', () => {
  const tainted = (making: Set<string> | null, recorded: string[]) =>
    standing({ copy: empty(1), there: state(4), place: { ...place, making: recorded }, left: { state: null, making } })
  const byRecord = tainted(null, ['a.it'])
  expect(byRecord).toMatchObject({ kind: 'bring', why: 'tainted' })
  const { text } = byRecord as { text: string }
  expect(JSON.parse(text)).toMatchObject({ serial: 5, resources: [{ instances: [{ status: 'tainted' }] }] })
  expect(tainted(new Set(['a.it']), [])).toMatchObject({ why: 'tainted' })
  expect(tainted(new Set(), ['a.it'])).toMatchObject({ kind: 'there' })
  expect(tainted(null, ['a.other'])).toMatchObject({ kind: 'there' })
})
