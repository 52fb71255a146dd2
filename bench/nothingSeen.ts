import type { OpenPlan } from '../src/api/plans/draft.ts'
import { SlipwayError } from '../src/domain/errors.ts'

/** The look of a server that reaches no machine. */
export const nothingSeen: OpenPlan['look'] = async () => ({
  hosts: [],
  etcd: null,
  findings: [],
  api: { nodes: null, error: new SlipwayError('not-found', 'there is no cluster') },
})
