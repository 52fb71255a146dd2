import { z } from 'zod'

/**
 * A version of Kubernetes as Kubespray writes it, without a v: `1.34.1`. One that a discovery has put on record is what the
 * API says, with a v and whatever a vendor has put behind it; a file that Slipway installs by may not say so
 * (`checkInstallable`).
 */
const pattern = /^v?\d{1,3}\.\d{1,3}\.\d{1,3}(?:[-+][0-9A-Za-z.+-]{1,60})?$/
export const kubernetesVersion = z.string().regex(pattern, 'a version is written like 1.34.1')

/** Whether Kubespray takes it as `kube_version`. */
export const isPlainVersion = (version: string): boolean => /^\d+\.\d+\.\d+$/.test(version)
