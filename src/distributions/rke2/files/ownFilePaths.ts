/** Folder of the user's own files that lie where Slipway alone writes. */
const folder = '/etc/rancher/rke2/slipway'
export const auditPolicyPath = `${folder}/audit-policy.yaml`
export const podSecurityPath = `${folder}/pod-security.yaml`
