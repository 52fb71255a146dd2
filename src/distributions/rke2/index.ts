import type { Distribution } from '../contract.ts'
import { discovery } from './discovery/index.ts'
import { applyPipeline } from './install.ts'
import { inventoryRoles } from './inventory.ts'
import { readAdminKubeconfig } from './kubeconfig.ts'
import { look } from './look.ts'
import { rke2Session } from './session.ts'
import { findSnapshots } from './snapshots.ts'
import { rke2Format } from './spec/format.ts'
import type { Rke2Spec } from './spec/spec.ts'
import { rke2Stages } from './stages/index.ts'
import { uninstallPipeline } from './uninstall/pipeline.ts'

export const rke2: Distribution<Rke2Spec> = {
  format: rke2Format,
  inventory: inventoryRoles,
  stages: rke2Stages,
  operations: { apply: applyPipeline, uninstall: uninstallPipeline },
  look: (session, ...rest) => look(rke2Session(session), ...rest),
  discovery,
  readKubeconfig: readAdminKubeconfig,
  findSnapshots,
}
