import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { planLines } from '../../src/cli/view/planView.ts'
import { installPipeline } from '../../src/distributions/rke2/install.ts'
import { createRegistry } from '../../src/engine/contract/registry.ts'
import { createRun } from '../../src/engine/run/requests.ts'
import type { StageRequest } from '../../src/engine/contract/stage.ts'
import { emptyStoreForEach, node } from '../store/fixtures.ts'
import { benchForEach, planTest } from './bench.ts'
import { request, worldKind } from './worldStages.ts'

/** What a plan says that a stage comes after, and what a run of it says that a blocked stage needs, are the same names. */

const registry = createRegistry([worldKind])
const store = emptyStoreForEach()
const bench = benchForEach(store)

/** The stages of an installation as they need each other; the named ones fail, whatever they do. */
const installation = (servers: number, agents: number, fails: readonly string[]): StageRequest[] => {
  const nodes = [
    ...Array.from({ length: servers }, (_, index) =>
      node(`m${index + 1}`, `10.0.0.${index + 1}`, index === 0 ? 'initial_master' : 'master'),
    ),
    ...Array.from({ length: agents }, (_, index) => node(`w${index + 1}`, `10.0.1.${index + 1}`)),
  ]
  const spec = { distribution: 'rke2', version: 'v1.34.1+rke2r1', nodes } as const
  return installPipeline({ name: 'demo', spec, accepted: [] }).map(({ key, needs, title }) =>
    request(key, { folder: bench().folder, fails: fails.includes(key) ? 1 : 0 }, needs, { title }),
  )
}
/** Its work is done already. */
const done = (...keys: string[]) =>
  Promise.all(keys.map(key => writeFile(join(bench().folder, `${key.replaceAll('/', '_')}.done`), '')))

/** `key: name, name` of everything that waits, as the plan shows it; and of everything that the run did not come to. */
async function told(servers: number, agents: number, fails: readonly string[]) {
  const made = await planTest(store(), installation(servers, agents, fails), 'demo', registry)
  const lines = planLines({ ...made, hash: made.hash }, (_style, text) => text)
  const planned = lines.flatMap(line => {
    const [, needs, key] = / {2}after (.*?) {2}(\S+)$/.exec(line) ?? []
    return key === undefined ? [] : [`${key}: ${needs}`]
  })
  const run = await createRun(store().records, made, { by: 'test', hash: made.hash })
  bench().work({ registry })
  expect(await bench().settled(run)).toBe('failed')
  const stages = await store().records.readStages(run)
  const blocked = stages.flatMap(({ key, status, reason }) => (status === 'blocked' ? [`${key}: ${reason}`] : []))
  return { planned, blocked }
}

describe('plan and run of one installation', () => {
  it('name the server before it, when a server does not join', async () => {
    const { planned, blocked } = await told(3, 1, ['rke2/join:m2'])
    expect(planned).toEqual([
      'rke2/initial-master: rke2/prepare',
      'rke2/join:m2: rke2/initial-master',
      'rke2/join:m3: rke2/join:m2',
      'rke2/finish: rke2/initial-master, rke2/join:m2, rke2/join:m3',
      'rke2/workers:w1: rke2/prepare:w1, rke2/join:m3',
      'cluster/labels: rke2/finish, rke2/workers:w1',
    ])
    expect(blocked).toEqual([
      'rke2/join:m3: needs rke2/join:m2',
      'rke2/finish: needs rke2/join:m2, rke2/join:m3',
      'rke2/workers:w1: needs rke2/join:m3',
      'cluster/labels: needs rke2/finish',
    ])
  })

  it('do not blame what only has to be settled: agents wait for the last server, not for the host that was missing', async () => {
    const { planned, blocked } = await told(2, 60, ['rke2/prepare:w1', 'rke2/join:m2'])
    expect(planned).toContain('rke2/workers:w51: rke2/prepare:w51, rke2/join:m2')
    expect(blocked).toEqual([
      'rke2/finish: needs rke2/join:m2',
      'rke2/workers:w1: needs rke2/join:m2',
      'rke2/workers:w51: needs rke2/join:m2',
      'cluster/labels: needs rke2/finish',
    ])
  })

  it('name the joiner that has nothing to do, where it waits for the first server itself', async () => {
    const idle = ['rke2/prepare', 'rke2/prepare:w1', 'rke2/join:m2']
    await done(...idle)
    const { planned, blocked } = await told(2, 1, ['rke2/initial-master'])
    expect(planned).toEqual([
      'rke2/finish: rke2/initial-master, rke2/join:m2',
      'rke2/workers:w1: rke2/join:m2',
      'cluster/labels: rke2/finish, rke2/workers:w1',
    ])
    expect(blocked).toEqual([
      'rke2/join:m2: needs rke2/initial-master',
      'rke2/finish: needs rke2/initial-master, rke2/join:m2',
      'rke2/workers:w1: needs rke2/join:m2',
      'cluster/labels: needs rke2/finish',
    ])
  })

  it('name the first server alone, where nobody else is one', async () => {
    const { planned, blocked } = await told(1, 1, ['rke2/prepare', 'rke2/prepare:w1'])
    expect(planned).toEqual([
      'rke2/initial-master: rke2/prepare',
      'rke2/finish: rke2/initial-master',
      'rke2/workers:w1: rke2/prepare:w1, rke2/initial-master',
      'cluster/labels: rke2/finish, rke2/workers:w1',
    ])
    expect(blocked).toEqual([
      'rke2/initial-master: needs rke2/prepare',
      'rke2/finish: needs rke2/initial-master',
      'rke2/workers:w1: needs rke2/initial-master',
      'cluster/labels: needs rke2/finish',
    ])
  })
})
