import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { labChart } from '../../lab/operators/charts.ts'
import type { PlatformSpec } from '../../src/platform/spec.ts'
import { startControlPlane } from '../../test/kubernetes/controlPlane.ts'
import { makeRoom, operatorCharts, operatorComponents } from '../../test/platform/fullPlatform.ts'
import type { Bound } from '../bound.ts'
import { runPlatforms } from '../platformRuns.ts'

/** s that each operator takes until it is ready. */
const takes = 60

/** Six operators on a control plane that has nothing else to do. s: of the run, and of its longest stage. */
async function install(order: PlatformSpec['order']): Promise<{ readonly run: number; readonly longest: number }> {
  await using plane = await startControlPlane('controllers', 'scheduler', 'kwok')
  makeRoom(plane)
  for (const chart of operatorCharts) writeFileSync(join(plane.folder, `${chart}.tgz`), slow(chart))
  const platform: PlatformSpec = { components: operatorComponents, order }
  const { time, stages } = await runPlatforms(plane.kubeconfig, plane.folder, new Map([['demo', platform]]))
  const lengths = stages.map(({ started, ended }) => (started && ended ? Date.parse(ended) - Date.parse(started) : 0))
  return { run: time / 1000, longest: Math.max(...lengths) / 1000 }
}

/** The chart of an operator, whose pods have to be ready for so long. */
function slow(chart: (typeof operatorCharts)[number]): Buffer {
  const template = `templates/${chart === 'fluent-operator' ? 'operator' : 'deployment'}.yaml`
  const text = readFileSync(join(import.meta.dirname, '../../lab/operators/charts', chart, template), 'utf8')
  const slowed = text.replace(/(kind: [^\n]*Deployment[^]*?\nspec:\n)/, `$1  minReadySeconds: ${takes}\n`)
  return labChart(chart, { files: { [template]: slowed } })
}

/** Six operators beside each other, against the longest of them alone. */
export const platformParallel: Bound = {
  name: 'platform-parallel',
  minutes: 12,
  async measure() {
    const together = await install('parallel')
    const inTurn = await install('sequential')
    return [
      {
        name: 'six operators in parallel',
        figure: together.run / inTurn.longest,
        bound: 1.1,
        unit: '×',
        note:
          `${together.run.toFixed(1)} s; the longest of them one by one ${inTurn.longest.toFixed(1)} s, all ` +
          `${inTurn.run.toFixed(1)} s; ${takes} s of each its pods have to be ready for`,
      },
    ]
  },
}
