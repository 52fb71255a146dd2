import { z } from 'zod'
import { machineSubject } from '../domain/machine.ts'
import { keyedHash, type Sealer } from '../secrets/seal.ts'
import { findInstallation } from './identity.ts'
import { leaseNumber, leaseNumbers } from './leases.ts'
import { machineScope } from './machines.ts'
import type { Database } from './tables.ts'

/**
 * By what the next machine of this name is known at its provider. The lease of a name only grows, and outlives its
 * machine: no two machines have the same, also when an older database was put back, and a plan that is made twice says the
 * same. It begins with the mark of the installation: what is left of machines that nobody knows any more is told by that
 * from what others have.
 */
export async function nextMachineUid(database: Database, sealer: Sealer, name: string): Promise<string> {
  const [installation, number] = await Promise.all([
    findInstallation(database),
    leaseNumber(database, machineSubject(name)),
  ])
  return uidOf(sealer, installation, name, number)
}

/** Names of all machines that this database has ever had, by what they were known as at their providers. */
export async function machineNames(database: Database, sealer: Sealer): Promise<ReadonlyMap<string, string>> {
  const [{ mark, epochs }, leases] = await Promise.all([findInstallation(database), leaseNumbers(database, 'machine')])
  const known = z.array(z.object({ epoch: z.int() })).parse(epochs)
  return new Map(
    leases.flatMap(({ name, number }) =>
      known.flatMap(({ epoch }) =>
        Array.from(
          { length: number + 1 },
          (_, earlier) => [uidOf(sealer, { mark, epoch }, name, earlier), name] as const,
        ),
      ),
    ),
  )
}

function uidOf(
  sealer: Sealer,
  { mark, epoch }: { readonly mark: string; readonly epoch: number },
  name: string,
  number: number,
): string {
  const own = keyedHash(sealer.hashKey(machineScope(name)), `machine ${name} ${epoch} ${number}`)
  return `${mark}${own.slice(0, 16 - mark.length)}`
}
