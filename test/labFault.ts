import type { Lab } from '../lab/lab.ts'

export type Fault = 'kill' | 'boot' | 'freeze' | 'thaw' | 'partition' | 'heal' | 'fill' | 'unfill' | 'wipe'

/** One fault of one host, and its end. `path`: what of the disk is wiped; all of it when it is left out. */
export const labFault = (lab: Lab, fault: Fault, host: string, path?: string): Promise<void> =>
  fault === 'wipe' ? lab.wipe(host, path) : lab[fault](host)
