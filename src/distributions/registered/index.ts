import type { Distribution } from '../contract.ts'
import { recordable } from '../discovery/recordable.ts'
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
  discovery: {
    specOf: ({ version, nodes }) =>
      recordable(registeredSpec, {
        distribution: kind,
        version,
        nodes: nodes.map(({ hostname, role, internal_ip, external_ip }) => ({
          hostname,
          role,
          internal_ip,
          ...(external_ip !== null && { external_ip }),
        })),
      }),
  },
})

export const registeredDistributions: readonly Distribution<RegisteredSpec>[] = registeredKinds.map(registered)
