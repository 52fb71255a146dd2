import { makePlan, type Plan } from '../../src/engine/plan.ts'

const stage: Plan['stages'][number] = {
  kind: 'none',
  key: 'a',
  title: 'Do a',
  needs: [],
  arguments: null,
  decision: { kind: 'run', reason: 'r', changes: [{ effect: 'create', target: 'a', summary: 'create a' }] },
  after: [],
  unmet: [],
}

/** A plan of one stage, which nobody can execute, unless other stages are given. */
export const onePlan = (cluster: string, desired_version = 1, stages: Plan['stages'] = [stage]): Plan =>
  makePlan({ cluster, title: 'Install', desired_version, stages })
