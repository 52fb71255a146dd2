import { machineSubject } from '../domain/machine.ts'
import { keyedHash, type Sealer } from '../secrets/seal.ts'
import { leaseNumber } from './leases.ts'
import { machineScope } from './machines.ts'
import type { Database } from './tables.ts'

/**
 * By what the next machine of this name is known at its provider. The lease of a name only grows, and outlives its
 * machine: no two machines have the same, and a plan that is made twice says the same.
 */
export async function nextMachineUid(database: Database, sealer: Sealer, name: string): Promise<string> {
  const number = await leaseNumber(database, machineSubject(name))
  return keyedHash(sealer.hashKey(machineScope(name)), `machine ${name} ${number}`).slice(0, 16)
}
