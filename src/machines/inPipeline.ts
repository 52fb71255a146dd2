import { machinesIn } from '../domain/machineToken.ts'
import { stageKey } from '../engine/contract/defineStage.ts'
import type { StageRequest } from '../engine/contract/stage.ts'
import { machinePipeline } from './pipeline.ts'
import { createMachine } from './stages/create.ts'

/**
 * The stages of a cluster behind those that make its machines: each waits for the machines that it is about, and for no
 * other one. Pure.
 * @param stages with the addresses of the machines that have some.
 * @param named the same stages by their keys, with tokens in the place of all of these addresses.
 * @param machines that Slipway makes.
 */
export function behindMachines(
  stages: readonly StageRequest[],
  named: readonly StageRequest[],
  machines: readonly string[],
): readonly StageRequest[] {
  const made = new Set(machines)
  const tokens = new Map(named.map(({ key, arguments: given }) => [key, machinesIn(given)]))
  return [
    ...machines.flatMap(machine => machinePipeline(machine, 'machine-create')),
    ...stages.map(stage => {
      const before = (tokens.get(stage.key) ?? []).filter(machine => made.has(machine))
      return before.length === 0
        ? stage
        : { ...stage, needs: [...before.map(of => ({ stage: stageKey(createMachine.kind, of) })), ...stage.needs] }
    }),
  ]
}
