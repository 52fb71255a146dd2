import type { Distribution } from '../contract.ts'
import { applyPipeline } from './install.ts'
import { inventoryRoles } from './inventory.ts'
import { lookForSnapshots } from './snapshots.ts'
import { rke2Stages } from './stages/index.ts'

export const rke2: Distribution = {
  name: 'rke2',
  inventory: inventoryRoles,
  stages: rke2Stages,
  operations: { apply: applyPipeline },
  lookForSnapshots,
}
