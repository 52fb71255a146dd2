import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ControlPlane, startControlPlane } from '../kubernetes/controlPlane.ts'
import { byApi } from './byApi.ts'
import { chartBench } from './chartBench.ts'
import { packedChart } from './packedChart.ts'

/** CustomResourceDefinitions that charts bring, on a real API server. */

let plane: ControlPlane
beforeAll(async () => {
  plane = await startControlPlane()
}, 60_000)
afterAll(() => plane?.[Symbol.asyncDispose]())
const bench = chartBench(() => byApi(() => plane.kubeconfig))

describe('definitions of a chart', () => {
  const definition = (group: string, ...fields: readonly string[]) =>
    JSON.stringify({
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: `things.${group}`, creationTimestamp: null },
      spec: {
        group,
        scope: 'Namespaced',
        names: { plural: 'things', kind: 'Thing' },
        versions: [
          {
            name: 'v1',
            served: true,
            storage: true,
            schema: {
              openAPIV3Schema: {
                type: 'object',
                properties: Object.fromEntries(fields.map(field => [field, { type: 'string' }])),
              },
            },
          },
        ],
      },
      status: { acceptedNames: { plural: '', kind: '' }, conditions: [], storedVersions: [] },
    })
  const chartOf = (group: string, ...fields: readonly string[]) =>
    packedChart({
      'crds/things.yaml': `# things\n---\n${definition(group, ...fields)}\n---\n`,
      'templates/thing.yaml': JSON.stringify({
        apiVersion: `${group}/v1`,
        kind: 'Thing',
        metadata: { name: 'one' },
        ...Object.fromEntries(fields.map(field => [field, 'x'])),
      }),
    })
  const fieldsOf = (group: string) =>
    plane.kubectl([
      'get',
      'crd',
      `things.${group}`,
      '-o',
      'jsonpath={.spec.versions[0].schema.openAPIV3Schema.properties}',
    ])

  it('are brought before it, and changed with it; the same again is nothing to do', async () => {
    const chart = { name: 'things' }
    expect(await bench.told(chartOf('a.test', 'first'), chart)).toEqual([
      'bring the definition of things.a.test',
      'install web 1.0.0 as things/things',
      'wait until its workloads are ready',
    ])
    expect(await bench.apply(chartOf('a.test', 'first'), chart)).toMatchObject({ status: 'completed' })
    expect(await bench.told(chartOf('a.test', 'first'), chart)).toMatchObject({ kind: 'skip' })
    const more = chartOf('a.test', 'first', 'second')
    expect(await bench.told(more, chart)).toContain('change the definition of things.a.test')
    expect(await bench.apply(more, chart)).toMatchObject({ status: 'completed' })
    expect(fieldsOf('a.test')).toContain('second')
    expect(await bench.told(more, chart)).toMatchObject({ kind: 'skip' })
  })

  it('that somebody else has brought stay as they are, unless they have all that the chart wants', async () => {
    plane.kubectl(['create', '-f', '-'], definition('b.test', 'first', 'more'))
    expect((await bench.plan(chartOf('b.test', 'first'), { name: 'theirs-too' })).stages).toMatchObject([{ unmet: [] }])
    const made = await bench.plan(chartOf('b.test', 'other'), { name: 'theirs-too' })
    expect(made.stages).toMatchObject([{ unmet: [{ name: 'definition-of-another', severity: 'warning' }] }])
    expect(fieldsOf('b.test')).toContain('more')
  })
})
