import { expect, it } from 'vitest'
import { enabledComponents } from './components/enabled.ts'
import { platformSpec } from './spec.ts'

it('a component with nothing behind its name is one of which nothing is set', () => {
  const read = platformSpec.parse({ components: { 'operator-pgo': null, 'operator-grafana': { enabled: 'no' } } })
  expect(read.components).toEqual({ 'operator-pgo': {}, 'operator-grafana': { enabled: false } })
  expect(enabledComponents(read).map(({ component }) => component.name)).toEqual(['operator-pgo'])
  expect(platformSpec.parse(read)).toEqual(read)
  const [bare, empty] = [null, {}].map(set => platformSpec.parse({ components: { 'infra-postgres': set } }))
  expect(bare).toEqual(empty)
})

it.each([[{ 'operator-pgo': [] }], [{ 'operator-pgo': { nothing: 1 } }], [{ 'operator-pgo': 'on' }]])(
  '%j is refused',
  components => {
    expect(platformSpec.safeParse({ components }).success).toBe(false)
  },
)
