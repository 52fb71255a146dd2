import type { Distribution } from '../contract.ts'
import { plainSpec, recordable } from '../discovery/recordable.ts'
import { applyPipeline } from './apply.ts'
import { rolesWith } from './inventory.ts'
import { kubesprayFormat } from './spec/format.ts'
import { kubesprayStages } from './stages/index.ts'
import { type KubespraySpec, kubespraySpec } from './spec/spec.ts'

/** Clusters that Kubespray's own playbooks make; also those that others have made with them, and that were discovered. */
export const kubespray: Distribution<KubespraySpec> = {
  format: kubesprayFormat,
  inventory: rolesWith(new Map()),
  stages: kubesprayStages,
  operations: { apply: applyPipeline },
  discovery: { specOf: found => recordable(kubespraySpec, plainSpec('kubespray', found)) },
}
