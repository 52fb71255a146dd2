/** Where RKE2 keeps its data unless its configuration says otherwise. */
export const defaultDataDir = '/var/lib/rancher/rke2'
