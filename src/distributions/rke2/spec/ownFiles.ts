import { z } from 'zod'
import { filePath } from '../../../domain/names.ts'
import { listOf } from '../../../domain/values/forms.ts'

/** Most files of one key, with those of its folders. */
export const mostFiles = 200

/** Files or folders with manifests. */
export const manifests = listOf(filePath, mostFiles)

const kubelet_config = filePath
  .optional()
  .describe('KubeletConfiguration, behind RKE2’s own; since v1.32. A change restarts the service')
const static_pods = listOf(filePath, mostFiles).optional().describe('Pods that the kubelet runs by itself, one a file')
const containerd_template = filePath
  .optional()
  .describe('Template of containerd’s config.toml. A change restarts the service')

/** Files that a node has of its own; each wins over that of all. */
export const nodeFiles = z.strictObject({ kubelet_config, static_pods, containerd_template })

/** Files for all machines, or, the first two, for all servers. */
export const ownFiles = z.strictObject({
  audit_policy: filePath.optional().describe('Audit policy of the API servers. A change restarts them one by one'),
  pod_security: filePath
    .optional()
    .describe('AdmissionConfiguration of the API servers. A change restarts them one by one'),
  kubelet_config,
  static_pods,
  containerd_template,
})
