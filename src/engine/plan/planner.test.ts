import { describe, expect, it } from 'vitest'
import { SlipwayError } from '../../domain/errors.ts'
import type { FindingName } from '../../domain/findingCatalogue.ts'
import { plan } from './planner.ts'
import { createRegistry } from '../contract/registry.ts'
import { bindStage, type Decision, type Stage, type StageRequest, type Unmet } from '../contract/stage.ts'

const runs: Decision = { kind: 'run', reason: 'r', changes: [{ effect: 'create', target: 't', summary: 's' }] }
const skips: Decision = { kind: 'skip', reason: 'done' }
const unmet = (name: FindingName, providedBy?: string | readonly string[]): Unmet => ({
  name,
  severity: 'error',
  about: 'x',
  message: `${name} is missing`,
  remedy: 'fix it',
  ...(providedBy !== undefined && { providedBy }),
})

const fails = (host: string): Parts => ({
  observe: async () => {
    throw new SlipwayError('host-unreachable', `${host} does not answer`)
  },
})
const outputs = async () => ({ address: '10.0.0.1' })

type Parts = Partial<Stage> & { needs?: StageRequest['needs']; disabled?: string }

/** Plans stages that are given by their parts. */
function planOf(parts: Record<string, Parts>, looksAtOnce?: number) {
  const registry = createRegistry([
    {
      kind: 'test',
      bind: ({ key }) =>
        bindStage({
          timeout: 1000,
          touches: [],
          observe: async () => null,
          checkPrerequisites: () => [],
          shouldRun: () => runs,
          execute: async () => {},
          waitForReady: async () => {},
          ...parts[key],
        }),
    },
  ])
  const requests = Object.entries(parts).map(([key, { needs = [], disabled }]): StageRequest => {
    const request = { kind: 'test', key, title: key, needs, arguments: null }
    return disabled === undefined ? request : Object.assign(request, { disabled })
  })
  return plan(requests, registry, {
    subject: { kind: 'cluster', name: 'demo' },
    desiredVersion: 1,
    signal: new AbortController().signal,
    ...(looksAtOnce !== undefined && { looksAtOnce }),
  })
}

describe('a plan', () => {
  it('has a decision for every stage, and changes when one of them would run', async () => {
    const made = await planOf({ a: {}, b: { shouldRun: () => skips } })
    expect(made.stages.map(stage => stage.decision.kind)).toEqual(['run', 'skip'])
    expect(made.has_changes).toBe(true)
    expect((await planOf({ b: { shouldRun: () => skips } })).has_changes).toBe(false)
  })

  it('never asks a disabled stage, and says why it is skipped', async () => {
    const made = await planOf({
      a: {
        disabled: 'off',
        observe: async () => {
          throw new Error('was asked')
        },
      },
    })
    expect(made.stages[0]).toMatchObject({ disabled: 'off', decision: { kind: 'skip', reason: 'off' } })
  })

  it('takes a missing prerequisite that an earlier planned stage brings as after it, not as unmet', async () => {
    const made = await planOf({
      a: {},
      b: { needs: [{ stage: 'a' }], checkPrerequisites: () => [unmet('cluster-not-formed', 'a'), unmet('disk-full')] },
      c: { needs: [{ stage: 'b' }], checkPrerequisites: () => [unmet('cluster-not-formed', 'a')] },
    })
    expect(made.stages[1]).toMatchObject({ after: ['a'], unmet: [{ name: 'disk-full' }] })
    expect(made.stages[2]).toMatchObject({ after: ['a'], unmet: [] })
  })

  it('takes one that several stages may bring as after those of them that have something to do', async () => {
    const either = () => [unmet('cluster-not-formed', ['a', 'b', 'd'])]
    const made = await planOf({
      a: { shouldRun: () => skips },
      b: {},
      c: { needs: [{ stage: 'a' }, { stage: 'b' }], checkPrerequisites: either },
      d: {},
    })
    expect(made.stages[2]).toMatchObject({ after: ['b'], unmet: [] })
  })

  it('shows it as unmet when that stage has nothing to do, or does not come before', async () => {
    const made = await planOf({
      a: { shouldRun: () => skips },
      b: { needs: [{ stage: 'a' }], checkPrerequisites: () => [unmet('cluster-not-formed', 'a')] },
      c: {},
      d: { checkPrerequisites: () => [unmet('cluster-not-formed', 'c')] },
    })
    expect(made.stages[1]).toMatchObject({ after: [], unmet: [{ name: 'cluster-not-formed' }] })
    expect(made.stages[3]).toMatchObject({ after: [], unmet: [{ name: 'cluster-not-formed' }] })
  })

  it('shows every stage that could not be looked at, not only the first', async () => {
    const made = await planOf({ a: fails('m1'), b: fails('m2'), c: {} })
    expect(made.stages.flatMap(stage => stage.unmet.map(one => one.message))).toEqual([
      'm1 does not answer',
      'm2 does not answer',
    ])
    expect(made.stages[0]?.decision.kind).toBe('unknown')
  })

  it('gives on what is an error of Slipway itself', async () => {
    const broken = planOf({
      a: {
        shouldRun: () => {
          throw new TypeError('a bug')
        },
      },
    })
    await expect(broken).rejects.toThrow('a bug')
  })

  it('gives a stage the outputs of one that is done already, and none of one that would run', async () => {
    const seen: unknown[] = []
    const observation = (from: string): Parts => ({
      needs: [{ stage: from }],
      observe: async context => {
        seen.push(await context.outputsOf(from))
      },
    })
    await planOf(
      { a: { shouldRun: () => skips, outputs }, b: { outputs }, c: observation('a'), d: observation('b') },
      1,
    )
    expect(seen).toEqual([{ address: '10.0.0.1' }, undefined])
  })

  it('refuses circles, twins and needs that are not there', async () => {
    await expect(planOf({ a: { needs: [{ stage: 'b' }] }, b: { needs: [{ stage: 'a' }] } })).rejects.toThrow(
      'circle: a, b',
    )
    await expect(planOf({ a: { needs: [{ stage: 'x' }] } })).rejects.toThrow('needs x')
  })

  it('refuses a name that no code has', async () => {
    const registry = createRegistry([])
    const request: StageRequest = { kind: 'gone', key: 'a', title: '', needs: [], arguments: null }
    const made = plan([request], registry, {
      subject: { kind: 'cluster', name: 'c' },
      desiredVersion: 0,
      signal: new AbortController().signal,
    })
    await expect(made).rejects.toMatchObject({ code: 'stage-unknown' })
  })

  it('looks at many stages at once, but not at more than it may', async () => {
    let now = 0
    let most = 0
    const observation: Parts = {
      observe: async () => {
        most = Math.max(most, ++now)
        await new Promise(resolve => setImmediate(resolve))
        now--
      },
    }
    await planOf(Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`s${index}`, observation])), 5)
    expect(most).toBe(5)
  })
})
