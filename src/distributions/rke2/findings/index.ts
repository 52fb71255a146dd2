import { clusterFindings } from './cluster.ts'
import { effectiveServiceFindings } from './effectiveService.ts'
import { machineFindings } from './machines.ts'
import { networkFindings } from './network.ts'
import { ownFileFindings } from './ownFiles.ts'
import { stateFindings } from './state.ts'
import { snapshotFindings } from './snapshots.ts'
import { vipFindings } from './vip.ts'

/** What is found of RKE2's own. */
export const rke2Findings = {
  ...networkFindings,
  ...machineFindings,
  ...effectiveServiceFindings,
  ...clusterFindings,
  ...snapshotFindings,
  ...stateFindings,
  ...ownFileFindings,
  ...vipFindings,
}

type Rke2Findings = typeof rke2Findings
declare module '../../../domain/findingCatalogue.ts' {
  interface DeclaredFindings extends Rke2Findings {}
}
