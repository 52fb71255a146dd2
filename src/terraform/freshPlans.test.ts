import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { freshPlans } from './freshPlans.ts'
import type { TerraformRoot } from './root.ts'
import type { LookedPlan } from './workspace.ts'

let module: string
beforeAll(async () => {
  module = await mkdtemp(join(tmpdir(), 'fresh-plans-'))
})
afterAll(() => rm(module, { recursive: true, force: true }))

const root = (over: Partial<TerraformRoot> = {}): TerraformRoot => ({
  of: 'machine w1',
  workspace: 'w1',
  module,
  variables: { memory: 2048, tags: { a: 1, b: 2 } },
  settings: {},
  state: null,
  backend: null,
  ...over,
})
/** Makes plans whose files are numbers, in the order in which they are made. */
function maker() {
  let made = 0
  return async (): Promise<LookedPlan> => ({ changes: [], drifted: [], retold: false, file: Uint8Array.of(++made) })
}
const numberOf = async (plan: Promise<LookedPlan>): Promise<number | undefined> => (await plan).file[0]

it('a run takes the plan that was shown, once; what is shown is always made', async () => {
  const plans = freshPlans()
  const make = maker()
  expect(await numberOf(plans.shown(root(), 'apply', make))).toBe(1)
  expect(await numberOf(plans.shown(root(), 'apply', make))).toBe(2)
  const reordered = root({ variables: { tags: { b: 2, a: 1 }, memory: 2048 } })
  expect(await numberOf(plans.taken(reordered, 'apply', make))).toBe(2)
  expect(await numberOf(plans.taken(root(), 'apply', make))).toBe(3)
})

it.each<readonly [string, Partial<TerraformRoot>]>([
  ['state', { state: '{}' }],
  ['variables', { variables: { memory: 4096 } }],
  ['workspace', { workspace: 'w2' }],
  ['settings', { settings: { TOKEN: 'x' } }],
])('a plan of another %s is none of this one', async (_what, over) => {
  const plans = freshPlans()
  const make = maker()
  await plans.shown(root(), 'apply', make)
  expect(await numberOf(plans.taken(root(over), 'apply', make))).toBe(2)
  expect(await numberOf(plans.taken(root(), 'destroy', make))).toBe(3)
})

it('a plan is not taken when it is old, or its module has been changed', async () => {
  let time = 0
  const plans = freshPlans(() => time)
  const make = maker()
  await plans.shown(root(), 'apply', make)
  time = 30_000
  expect(await numberOf(plans.taken(root(), 'apply', make))).toBe(2)
  await plans.shown(root(), 'apply', make)
  await writeFile(join(module, 'main.tf'), '# other')
  expect(await numberOf(plans.taken(root(), 'apply', make))).toBe(4)
})
