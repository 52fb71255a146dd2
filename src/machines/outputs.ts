import { z } from 'zod'
import { jsonShape } from '../contract/json.ts'
import { machineAddress } from '../domain/names.ts'
import type { TerraformState } from '../terraform/shapes.ts'
import type { ModuleOutputs } from './contract.ts'

const addressesShape = z.array(z.string().nullable()).nullable().optional()

/**
 * What a module says of the machine: `addresses`, the one first that it is reached at from here; `internal_address` where
 * other nodes reach it at another one; and whatever else.
 */
export function outputsOf({ outputs }: Pick<TerraformState, 'outputs'>): ModuleOutputs {
  const { addresses: told, internal_address: inside, ...rest } = outputs
  const listed = addressesShape.safeParse(told?.value).data ?? []
  const addresses = listed.filter((one): one is string => one !== null && machineAddress.safeParse(one).success)
  const others = Object.entries(rest).flatMap(([name, { value }]) => {
    const json = jsonShape.safeParse(value)
    return json.success ? [[name, json.data] as const] : []
  })
  const internal = machineAddress.safeParse(inside?.value).data ?? null
  return { addresses: [...new Set(addresses)], internal, others: Object.fromEntries(others) }
}

/** Ids, as its provider knows them, of what a state manages. */
export const managedIds = ({ resources }: TerraformState): ReadonlySet<string> =>
  new Set(
    resources.flatMap(({ mode, instances }) =>
      mode !== 'managed'
        ? []
        : instances.flatMap(({ attributes }) => {
            const id = attributes?.['id']
            return typeof id === 'string' || typeof id === 'number' ? [String(id)] : []
          }),
    ),
  )
