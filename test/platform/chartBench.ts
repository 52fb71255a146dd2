import type { Plan } from '../../src/contract/plan.ts'
import type { StageRequest } from '../../src/engine/contract/stage.ts'
import type { PlatformSession } from '../../src/platform/platformSession.ts'
import type { PlatformChart } from '../../src/platform/spec.ts'
import { platformBench } from './platformBench.ts'

export { installation } from './platformBench.ts'

type Charts = readonly (Omit<PlatformChart, 'chart'> & Partial<Pick<PlatformChart, 'chart'>>)[]

/** Runs of charts on one API server; the file of every chart is the one that is given. */
export function chartBench(reach: () => Pick<PlatformSession, 'secret' | 'hosts'>) {
  const bench = platformBench(reach)
  const over = (packed: Uint8Array, charts: Charts) =>
    bench({ charts: charts.map(chart => ({ chart: 'web.tgz', ...chart })) }, file =>
      // Whatever else is named is a file with values.
      file.endsWith('.tgz') ? Buffer.from(packed).toString('base64') : `{ hidden: ${file} }`,
    )
  const of = (stages: readonly StageRequest[]) => bench({}, () => '', [...stages])
  return {
    plan: (packed: Uint8Array, ...charts: Charts) => over(packed, charts).plan(),
    /** What the plan would do with the first chart, in its words; or its decision where there is nothing to do. */
    async told(packed: Uint8Array, ...charts: Charts) {
      return toldOf(await this.plan(packed, ...charts))
    },
    apply: (packed: Uint8Array, ...charts: Charts) => over(packed, charts).apply(),
    /** The same with these findings accepted. */
    applyWith: (accept: readonly string[], packed: Uint8Array, ...charts: Charts) =>
      over(packed, charts).apply({ accept }),
    /** The same of stages that no file asks for. */
    planOf: (stages: readonly StageRequest[]) => of(stages).plan(),
    toldOf: async (stages: readonly StageRequest[]) => toldOf(await of(stages).plan()),
    runOf: (stages: readonly StageRequest[], more: { readonly accept?: readonly string[] } = {}) =>
      of(stages).apply(more),
  }
}

function toldOf({ stages: [stage] }: Plan) {
  return stage?.decision.kind === 'run' ? stage.decision.changes.map(({ summary }) => summary) : stage?.decision
}
