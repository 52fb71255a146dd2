import type { MachineAddresses } from '../domain/machineToken.ts'
import { machinesIn, withAddresses } from '../domain/machineToken.ts'
import { z } from 'zod'
import type { Database } from './tables.ts'

/** Where these machines are reached; one that is not on record, or was not seen yet, is not there. */
export async function readMachineAddresses(database: Database, names: readonly string[]): Promise<MachineAddresses> {
  if (names.length === 0) return new Map()
  const rows = await database
    .selectFrom('machines')
    .select(['name', 'addresses', 'internal_address'])
    .where('name', 'in', [...names])
    .execute()
  return new Map(
    rows.flatMap(({ name, addresses, internal_address: internal }) => {
      const [reached] = z.array(z.string()).parse(addresses)
      return reached === undefined ? [] : [[name, { reached, internal: internal ?? reached }] as const]
    }),
  )
}

/** The same with the addresses of machines in the place of their tokens, as far as they are known. */
export const withKnownAddresses = async <Value>(database: Database, value: Value): Promise<Value> =>
  withAddresses(value, await readMachineAddresses(database, machinesIn(value)))
