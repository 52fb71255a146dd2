import type { RuleFinding } from '../../../../domain/ruleFinding.ts'
import { checkNodes } from '../../../../domain/rules/nodes.ts'
import { checkMachines } from '../../../../machines/clusterMachines.ts'
import { checkPlatform } from '../../../../platform/rules.ts'
import type { ClusterDraft } from './draft.ts'
import { checkCloudProvider } from './cloudProvider.ts'
import { checkNodeAddresses } from './nodeAddresses.ts'
import { checkOwnFiles } from './ownFiles.ts'
import { checkPorts } from './ports.ts'
import { checkRanges } from './ranges.ts'
import { checkTaints } from './taints.ts'
import { checkVip } from './vip.ts'
import { checkVersionedKeys } from './versionedKeys.ts'

/** Rules over a whole cluster that a field alone can't tell (C11). All findings at once; pure. */
export function checkCluster(spec: ClusterDraft): RuleFinding[] {
  return [
    ...checkNodes(spec),
    ...checkSources(spec),
    ...checkRanges(spec),
    ...checkNodeAddresses(spec),
    ...checkPorts(spec),
    ...checkTaints(spec),
    ...checkVersionedKeys(spec),
    ...checkCloudProvider(spec),
    ...checkOwnFiles(spec),
    ...checkPlatform(spec.platform),
    ...checkMachines(spec),
    ...checkVip(spec),
  ]
}

function checkSources(spec: ClusterDraft): RuleFinding[] {
  if (!spec.artifact_url || !spec.artifact_path) return []
  return [
    {
      name: 'two-sources',
      severity: 'error',
      about: 'spec.artifact_path',
      path: ['artifact_path'],
      message: 'artifact_url and artifact_path exclude each other',
      remedy: 'Keep the one that is meant.',
    },
  ]
}
