import type { Json } from '../contract/json.ts'
import { type MachineAddresses, machinesIn, withAddresses } from '../domain/machineToken.ts'
import type { BoundStage, Observation, StageKind, StageRequest } from '../engine/contract/stage.ts'
import { createMachine } from './stages/create.ts'
import { stageKey } from '../engine/contract/defineStage.ts'

/** Where machines are reached by now. */
export type AddressesOf = (names: readonly string[]) => Promise<MachineAddresses>

/**
 * A kind of stage whose arguments may name machines that are not made yet: it is bound to them once they have addresses.
 * Until then its decision is deferred, and it looks at nothing.
 */
export const boundLate = (kind: StageKind, addressesOf: AddressesOf): StageKind => ({
  ...kind,
  bind: request => {
    const names = machinesIn(request.arguments)
    return names.length === 0 ? kind.bind(request) : late(kind, request, names, addressesOf)
  },
})

function late(kind: StageKind, request: StageRequest, names: readonly string[], addressesOf: AddressesOf): BoundStage {
  // What a stage says of itself (its hosts, its records) rests on names, not on addresses.
  const named = kind.bind(request)
  /** Null: some have no address yet; their names. */
  const bound = async (): Promise<BoundStage | readonly string[]> => {
    const known = await addressesOf(names)
    const missing = names.filter(name => !known.has(name))
    return missing.length > 0
      ? missing
      : kind.bind({ ...request, arguments: withAddresses<Json>(request.arguments, known) })
  }
  const now = async (): Promise<BoundStage> => {
    const stage = await bound()
    if (isMissing(stage)) throw new Error(`stage ${request.key} is asked for before ${stage.join(', ')} is there`)
    return stage
  }
  return {
    ...named,
    async observe(context) {
      const stage = await bound()
      return isMissing(stage) ? deferred(stage) : stage.observe(context)
    },
    waitForReady: async context => (await now()).waitForReady(context),
    ...(named.letGo && { letGo: async (context, end) => (await now()).letGo?.(context, end) ?? [] }),
    ...(named.outputs && { outputs: async context => (await now()).outputs?.(context) }),
  }
}

const isMissing = (stage: BoundStage | readonly string[]): stage is readonly string[] => Array.isArray(stage)

/** What a stage may do to machines that are made in the same run. */
function deferred(missing: readonly string[]): Observation {
  const [first = ''] = missing
  return {
    unmet: [],
    decision: {
      kind: 'deferred',
      reason: `once ${missing.length === 1 ? `machine ${first} is` : 'its machines are'} there`,
      until: stageKey(createMachine.kind, first),
      effects: ['create', 'update', 'restart'],
    },
    execute: () => Promise.reject(new Error(`machine ${first} is not there`)),
  }
}
