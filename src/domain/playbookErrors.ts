import { entry } from './errorEntry.ts'

/** Of playbooks that a cluster is made with and that are none of Slipway's own. */
export const playbookErrors = {
  'playbooks-missing': entry(
    'refused',
    424,
    'The playbooks that a cluster is made with cannot be had from the source that the cluster file names',
    'Check spec.kubespray.source: that the repository, archive or folder is there, and can be reached from the machine that runs Slipway.',
  ),
  'playbooks-differ': entry(
    'refused',
    409,
    'The source holds other playbooks than those that the cluster file pins',
    'Compare the commit or checksum with what the publisher tells, and write into spec.kubespray.source the one that is meant.',
  ),
  'playbooks-unusable': entry(
    'refused',
    422,
    'What the source holds is not Kubespray, or a version of it that this Slipway cannot run',
    'Name a release of Kubespray in spec.kubespray.source, as docs/kubespray.md tells.',
  ),
} as const
