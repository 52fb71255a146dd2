import type { Distribution } from '../contract.ts'
import { plainSpec, recordable } from '../discovery/recordable.ts'
import { applyPipeline } from './apply.ts'
import {
  type RegisteredKind,
  registeredFormat,
  registeredKinds,
  registeredSpec,
  type RegisteredSpec,
} from './format.ts'

/**
 * Clusters that Slipway knows and leaves to whoever has made them: what is done over their API alone, as a drain or their
 * platform, is done; no machine is installed or taken out.
 */
const registered = (kind: RegisteredKind): Distribution<RegisteredSpec> => ({
  format: registeredFormat(kind),
  inventory: {
    groups: ['servers', 'agents'],
    parents: {},
    groupsOf: ({ role }) => [role === 'worker' ? 'agents' : 'servers'],
    variables: () => ({}),
  },
  stages: () => [],
  operations: { apply: applyPipeline },
  discovery: { specOf: found => recordable(registeredSpec, plainSpec(kind, found)) },
})

export const registeredDistributions: readonly Distribution<RegisteredSpec>[] = registeredKinds.map(registered)
