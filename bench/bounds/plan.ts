import { readFile, writeFile } from 'node:fs/promises'
import { parse, stringify } from 'yaml'
import { z } from 'zod'
import { type Bound, median, timed } from '../bound.ts'
import { tenNodes, withTenNodes } from '../tenNodes.ts'
import { planShape } from '../../src/contract/plan.ts'

const document = z.looseObject({ spec: z.looseObject({ nodes: z.array(z.looseObject({ hostname: z.string() })) }) })

/** `plan` of a cluster in which no, one, and nine of ten nodes are to change, in turn: what it costs beyond the look. */
export const plan: Bound = {
  name: 'plan',
  minutes: 15,
  measure: () =>
    withTenNodes('bench-plan', async ({ home, file, slipway }) => {
      const written = await readFile(file, 'utf8')
      const times = new Map<number, number[]>([0, 1, 9].map(changed => [changed, []]))
      const fileOf = (changed: number) => `${home}/changed-${changed}.yaml`
      for (const changed of times.keys()) await writeFile(fileOf(changed), withChanges(written, changed))
      for (let round = 0; round < 6; round++)
        for (const [changed, measured] of times) {
          let said = ''
          const time = await timed(async () => {
            said = await slipway('plan', '-f', fileOf(changed), '-o', 'json', '--accept', 'interruption')
          })
          expectChanges(said, changed)
          // The first round warms up the connections.
          if (round > 0) measured.push(time)
        }
      const [none = Number.NaN, one = Number.NaN, nine = Number.NaN] = [...times.values()].map(median)
      const note = `10 nodes; none, 1, 9 changed: ${none.toFixed(0)}, ${one.toFixed(0)}, ${nine.toFixed(0)} ms, 5 rounds in turn`
      return [
        { name: 'plan, 1 of 10 nodes changed', figure: one / none, bound: 1.3, unit: '×', note },
        { name: 'plan, 9 of 10 nodes changed', figure: nine / none, bound: 2, unit: '×', note: 'against none changed' },
      ]
    }),
}

function withChanges(text: string, changed: number): string {
  const cluster = document.parse(parse(text))
  const names = tenNodes.slice(tenNodes.length - changed)
  for (const node of cluster.spec.nodes)
    if (names.includes(node.hostname)) Object.assign(node, { node_vars: { 'kubelet-arg': ['max-pods=100'] } })
  return stringify(cluster)
}

/** A plan that missed a change would be cheap. */
function expectChanges(said: string, changed: number): void {
  const { stages } = planShape.parse(JSON.parse(said))
  const targets = stages.flatMap(({ decision }) => (decision.kind === 'run' ? decision.changes : []))
  const configured = targets.filter(({ target }) => target.endsWith('/config')).length
  if (configured !== changed) throw new Error(`the plan changes ${configured} nodes, not ${changed}: ${said}`)
}
