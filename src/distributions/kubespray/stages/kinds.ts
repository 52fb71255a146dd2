/** The names that the stages are stored with. */
export const kinds = {
  source: 'kubespray/source',
  cluster: 'kubespray/cluster',
  kubeconfig: 'kubespray/kubeconfig',
  verify: 'kubespray/verify',
} as const
