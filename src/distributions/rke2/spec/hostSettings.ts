import { z } from 'zod'

/** Services of a machine that stand in RKE2's way, and that Slipway may set right. */
const words = ['network-manager', 'firewalld', 'ufw', 'fapolicyd'] as const
const word = z.enum(words)
export type HostSetting = z.infer<typeof word>

/** In one order, each once: what is asked for is a set. */
export const hostSettings = z.codec(z.union([z.array(word).max(10), word, z.null()]), z.array(word), {
  decode: given => words.filter(each => [given].flat().includes(each)),
  encode: given => given,
})
