import { makePlan } from '../../src/engine/plan/plan.ts'
import { clusterSubject } from '../../src/domain/subject.ts'
import type { Plan } from '../../src/contract/plan.ts'

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
  makePlan({ subject: clusterSubject(cluster), title: 'Install', desired_version, stages })
