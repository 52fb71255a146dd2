import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalJson } from './canonical.ts'
import { compareWithApproved } from './comparison.ts'
import { changeIdentity, makePlan } from './plan.ts'
import type { Change } from '../contract/stage.ts'
import { type Plan, type PlannedStage, planShape } from '../../contract/plan.ts'
import type { Json } from '../../contract/json.ts'

/** Without the one key that reading refuses, as it would reach an object's prototype. */
const json = fc
  .jsonValue({ maxDepth: 4 })
  .filter(value => !JSON.stringify(value).includes('"__proto__":'))
  .map(value => JSON.parse(JSON.stringify(value)) as Json)
const change: fc.Arbitrary<Change> = fc.record(
  {
    effect: fc.constantFrom('create', 'update', 'restart', 'delete'),
    target: fc.constantFrom('node/m1', 'node/w1', 'node/w10', 'file/x', 'service/rke2-server'),
    summary: fc.string(),
    detail: json,
  },
  { requiredKeys: ['effect', 'target', 'summary'] },
)
const changes = fc.array(change, { maxLength: 6 })

const shuffled = <T>(list: readonly T[], order: readonly number[]): T[] =>
  list
    .map((item, index) => ({ item, rank: order[index] ?? 0 }))
    .toSorted((a, b) => a.rank - b.rank)
    .map(({ item }) => item)

/** The same value with the keys of all objects in another order. */
function turned(value: Json): Json {
  if (value === null || typeof value !== 'object') return value
  if (Array.isArray(value)) return value.map(turned)
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([key, entry]) => [key, turned(entry)]),
  )
}

describe('canonical JSON', () => {
  it('is the same whatever the order of keys, and parses back to the same value', () => {
    fc.assert(
      fc.property(json, value => {
        const text = canonicalJson(value)
        expect(canonicalJson(turned(value))).toBe(text)
        expect(JSON.parse(text)).toEqual(value)
      }),
    )
  })

  it('tells different values apart', () => {
    fc.assert(
      fc.property(json, json, (left, right) => {
        expect(canonicalJson(left) === canonicalJson(right)).toBe(isDeepStrictEqual(left, right))
      }),
    )
  })

  it('refuses what is no JSON, and leaves out what is undefined', () => {
    expect(() => canonicalJson(Number.NaN)).toThrow(TypeError)
    expect(() => canonicalJson([Number.POSITIVE_INFINITY])).toThrow(TypeError)
    expect(canonicalJson(-0)).toBe('0')
    expect(canonicalJson({ b: 1, a: { d: [], c: null } })).toBe('{"a":{"c":null,"d":[]},"b":1}')
  })
})

const stageOf = (key: string, list: readonly Change[], rest: Partial<PlannedStage> = {}): PlannedStage => ({
  kind: 'rke2/join',
  key,
  title: key,
  needs: [],
  arguments: null,
  decision: { kind: 'run', reason: 'because', changes: [...list] },
  after: [],
  unmet: [],
  ...rest,
})
const planOf = (...stages: PlannedStage[]): Plan =>
  makePlan({ subject: { kind: 'cluster', name: 'demo' }, title: 'Apply demo', desired_version: 3, stages })

describe("a plan's hash", () => {
  it('does not depend on order, wording or findings', () => {
    fc.assert(
      fc.property(changes, fc.array(fc.nat(), { minLength: 6, maxLength: 6 }), fc.string(), (list, order, word) => {
        const needs = [{ stage: 'b' }, { stage: 'a', until: 'settled' as const }]
        const before = planOf(stageOf('a', list), stageOf('b', []), stageOf('c', [], { needs }))
        const reworded = shuffled(list, order).map(one => Object.assign({}, one, { summary: word }))
        const finding = {
          name: 'disk-full' as const,
          severity: 'warning' as const,
          about: word,
          message: word,
          remedy: word,
        }
        const after = planOf(
          stageOf('c', [], { needs: needs.toReversed(), title: word }),
          stageOf('b', [], { unmet: [finding], after: [word] }),
          stageOf('a', reworded, { decision: { kind: 'run', reason: word, changes: reworded } }),
        )
        expect(after.hash).toBe(before.hash)
      }),
    )
  })

  it('changes with every change, fact, need, argument, and with the desired version', () => {
    const base = planOf(stageOf('a', []), stageOf('b', []))
    const one: Change = { effect: 'create', target: 'node/m1', summary: 's' }
    const others = [
      planOf(stageOf('a', [one]), stageOf('b', [])),
      planOf(stageOf('a', [{ ...one, detail: { version: 'v1' } }]), stageOf('b', [])),
      planOf(stageOf('a', [{ ...one, effect: 'delete' }]), stageOf('b', [])),
      planOf(stageOf('a', []), stageOf('b', [], { needs: [{ stage: 'a' }] })),
      planOf(stageOf('a', []), stageOf('b', [], { needs: [{ stage: 'a', until: 'settled' }] })),
      planOf(stageOf('a', []), stageOf('b', [], { arguments: { x: 1 } })),
      planOf(stageOf('a', []), stageOf('b', [], { kind: 'rke2/agents' })),
      planOf(stageOf('a', []), stageOf('b', [], { decision: { kind: 'skip', reason: 'because' } })),
      planOf(stageOf('a', []), stageOf('b', [], { decision: { kind: 'skip', reason: 'because', facts: { x: 1 } } })),
      planOf(stageOf('a', []), stageOf('b', [], { disabled: 'off', decision: { kind: 'skip', reason: 'because' } })),
      planOf(stageOf('a', [])),
      makePlan({
        subject: { kind: 'cluster', name: 'demo' },
        title: 'Apply demo',
        desired_version: 4,
        stages: [stageOf('a', []), stageOf('b', [])],
      }),
      makePlan({
        subject: { kind: 'cluster', name: 'other' },
        title: 'Apply demo',
        desired_version: 3,
        stages: [stageOf('a', []), stageOf('b', [])],
      }),
    ]
    const hashes = new Set([base, ...others].map(plan => plan.hash))
    expect(hashes.size).toBe(others.length + 1)
  })

  it('survives being stored and read', () => {
    fc.assert(
      fc.property(changes, list => {
        const plan = planOf(stageOf('a', list))
        const read = planShape.parse(JSON.parse(JSON.stringify(plan)))
        const { hash, has_changes: _, ...parts } = read
        expect(makePlan(parts).hash).toBe(hash)
      }),
    )
  })
})

const run = (list: readonly Change[]) => ({ kind: 'run' as const, reason: 'r', changes: [...list] })

describe('what a stage would do now, beside what was approved', () => {
  it('is within the approval when it is the same or less, in any order and wording', () => {
    fc.assert(
      fc.property(changes, fc.array(fc.nat(), { minLength: 6, maxLength: 6 }), fc.nat(6), (list, order, keep) => {
        const less = shuffled(list, order)
          .slice(0, keep)
          .map(one => Object.assign({}, one, { summary: 'other words' }))
        expect(compareWithApproved(run(list), run(less)).kind).toBe(less.length === 0 ? 'nothing' : 'within')
      }),
    )
  })

  it('is beyond it when one change is more, or another effect, target or detail', () => {
    fc.assert(
      fc.property(changes, change, (list, more) => {
        const known = (effect: Change['effect']) =>
          list.some(one => one.effect === effect && changeIdentity({ ...more, effect }) === changeIdentity(one))
        fc.pre(!known(more.effect) && !(more.effect === 'create' && known('restart')))
        const compared = compareWithApproved(run(list), run([...list, more]))
        expect(compared).toMatchObject({ kind: 'beyond', more: [more] })
      }),
    )
  })

  it('is within it when what was to be restarted has only to be started, and not the other way round', () => {
    const [restart, create] = (['restart', 'create'] as const).map(effect => ({ effect, target: 't', summary: '' }))
    if (!restart || !create) throw new Error('two changes')
    expect(compareWithApproved(run([restart]), run([create])).kind).toBe('within')
    expect(compareWithApproved(run([create]), run([restart])).kind).toBe('beyond')
    expect(compareWithApproved(run([restart]), run([{ ...create, target: 'other' }])).kind).toBe('beyond')
  })

  it('is within a deferred approval as long as it keeps to the effects that were named', () => {
    const deferred = { kind: 'deferred' as const, reason: 'r', until: 'x', effects: ['create' as const] }
    expect(compareWithApproved(deferred, run([{ effect: 'create', target: 't', summary: '' }])).kind).toBe('within')
    expect(compareWithApproved(deferred, run([{ effect: 'delete', target: 't', summary: '' }])).kind).toBe('beyond')
    expect(compareWithApproved(deferred, { kind: 'skip', reason: 'there' }).kind).toBe('nothing')
  })

  it('is within any approval as far as it takes back what the run itself may have left', () => {
    const own = { effect: 'delete' as const, target: 'mark', summary: '', unasked: true as const }
    const other = { effect: 'delete' as const, target: 'data', summary: '' }
    expect(compareWithApproved({ kind: 'skip', reason: 'r' }, run([own]))).toEqual({ kind: 'within', changes: [own] })
    expect(compareWithApproved(run([]), run([own, other]))).toMatchObject({ kind: 'beyond', more: [other] })
  })

  it('is beyond an approval that foresaw nothing', () => {
    const skip = { kind: 'skip' as const, reason: 'r' }
    expect(compareWithApproved(skip, run([{ effect: 'create', target: 't', summary: '' }])).kind).toBe('beyond')
    expect(compareWithApproved(skip, skip).kind).toBe('nothing')
  })
})
