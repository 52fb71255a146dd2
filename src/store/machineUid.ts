import { machineSubject } from '../domain/machine.ts'
import { keyedHash, type Sealer } from '../secrets/seal.ts'
import { leaseNumber, leaseNumbers } from './leases.ts'
import { machineScope } from './machines.ts'
import type { Database } from './tables.ts'

/**
 * By what the next machine of this name is known at its provider. The lease of a name only grows, and outlives its
 * machine: no two machines have the same, and a plan that is made twice says the same.
 */
export async function nextMachineUid(database: Database, sealer: Sealer, name: string): Promise<string> {
  return uidOf(sealer, name, await leaseNumber(database, machineSubject(name)))
}

/** Names of all machines that this database has ever had, by what they were known as at their providers. */
export async function machineNames(database: Database, sealer: Sealer): Promise<ReadonlyMap<string, string>> {
  const leases = await leaseNumbers(database, 'machine')
  return new Map(
    leases.flatMap(({ name, number }) =>
      Array.from({ length: number + 1 }, (_, earlier) => [uidOf(sealer, name, earlier), name] as const),
    ),
  )
}

const uidOf = (sealer: Sealer, name: string, number: number): string =>
  keyedHash(sealer.hashKey(machineScope(name)), `machine ${name} ${number}`).slice(0, 16)
