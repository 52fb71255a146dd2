import { z } from 'zod'
import { nodeAddress } from '../../../domain/names.ts'

/** As the kernel takes it, without signs that a configuration of keepalived reads. */
export const interfaceName = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9_.@-]{0,14}$/,
    'the name of an interface has at most 15 letters, digits and signs . _ - @',
  )

export const vipProviders = ['keepalived', 'kube-vip'] as const

const image = z
  .string()
  .regex(/^[a-z0-9][a-zA-Z0-9._:/@-]{0,254}$/, 'the name of an image, like ghcr.io/kube-vip/kube-vip:v1.0.3')

/** A virtual IP that Slipway puts on the servers. */
export const vip = z.strictObject({
  address: nodeAddress.describe(
    'The virtual IP: free, and of the network that the servers are in. It is the api_endpoint',
  ),
  provider: z
    .enum(vipProviders)
    .optional()
    .describe('What holds it: keepalived, a package of the distribution (default), or kube-vip, a static pod'),
  interface: interfaceName
    .optional()
    .describe('Interface of the servers that gets it; default: the one with internal_ip'),
  router_id: z
    .int()
    .min(1)
    .max(255)
    .optional()
    .describe('VRRP’s virtual router id, with keepalived; default: one that follows from the address'),
  image: image.optional().describe('Image of kube-vip; default ghcr.io/kube-vip/kube-vip:v1.0.3'),
})

export type Vip = z.infer<typeof vip>
