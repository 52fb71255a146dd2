import { makePlan, type Plan } from '../../src/engine/plan.ts'

/** A plan of one stage that does nothing. */
export const onePlan = (cluster: string, desired_version = 1): Plan =>
  makePlan({
    cluster,
    title: 'Install',
    desired_version,
    stages: [
      {
        kind: 'none',
        key: 'a',
        title: 'Do a',
        needs: [],
        arguments: null,
        decision: { kind: 'run', reason: 'r', changes: [{ effect: 'create', target: 'a', summary: 'create a' }] },
        after: [],
        unmet: [],
      },
    ],
  })
