import { expect, it } from 'vitest'
import { makePlan } from '../../engine/plan/plan.ts'
import { machineSubject } from '../../domain/machine.ts'
import { existing } from '../../machines/existing/provider.ts'
import { createPlannedMachines, type MachineDraft } from './wanted.ts'

const draft: MachineDraft = {
  name: 'm1',
  operation: 'machine-destroy',
  spec: { provider: 'existing', settings: { address: '10.0.0.1' } },
  provider: existing,
  keyFiles: [],
  files: { key: 'a key' },
  accepted: [],
  record: {
    name: 'm1',
    uid: '0123456789abcdef',
    provider: 'existing',
    spec: { provider: 'existing' },
    desired_version: 1,
    status: 'active',
    status_since: '2026-01-01T00:00:00Z',
    addresses: ['10.0.0.1'],
    internal_address: null,
    last_error: null,
    state_place: null,
    created: '2026-01-01T00:00:00Z',
    updated: '2026-01-01T00:00:00Z',
  },
  changed: false,
  turns: 1,
  use: null,
}
const plan = makePlan({ subject: machineSubject('m1'), title: 'Destroy machine m1', desired_version: 1, stages: [] })
const remembered = () => {
  const plans = createPlannedMachines()
  plans.remember({ draft, plan })
  return plans
}

it('a plan that was shown is found by its hash or a part of it, until it has become a run', () => {
  const plans = remembered()
  expect(plans.find({ ...draft, files: { ...draft.files } }, plan.hash.slice(0, 8))?.plan).toBe(plan)
  expect(plans.find(draft, 'another')).toBeNull()
  plans.forget(draft)
  expect(plans.find(draft, plan.hash)).toBeNull()
})

const moved: readonly (readonly [string, Partial<MachineDraft>])[] = [
  ['a run has been at it', { turns: 2 }],
  [
    'it has become a node',
    { use: { cluster: 'demo', hostname: 'w1', status: 'active', member: true, serversAway: [] } },
  ],
  ['it has another status', { record: draft.record && { ...draft.record, status: 'failed' } }],
  ['it is off the record', { record: null }],
  ['other settings are asked for', { spec: { provider: 'existing', settings: { address: '10.0.0.2' } } }],
  ['another key is sent', { files: { key: 'another key' } }],
  ['something else is accepted', { accepted: ['machine-state-lost'] }],
  ['something else is to be done', { operation: 'machine-create' }],
]
it.each(moved)('it is not taken once %s', (_what, change) => {
  expect(remembered().find({ ...draft, ...change }, plan.hash)).toBeNull()
})
