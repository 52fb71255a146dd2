import { machinesIn } from '../domain/machineToken.ts'
import { stageKey } from '../engine/contract/defineStage.ts'
import type { StageRequest } from '../engine/contract/stage.ts'
import { creation, destruction } from './pipeline.ts'
import { createMachine } from './stages/create.ts'

/**
 * The stages of a cluster behind those that make its machines, and before those that destroy some: each waits for the
 * machines that it is about, and for no other one. Pure.
 * @param stages with the addresses of the machines that have some.
 * @param named the same stages by their keys, with tokens in the place of all of these addresses.
 * @param machines that Slipway makes.
 * @param going that are destroyed once nothing of the cluster is about them any more.
 * @param uninstalled see `destruction`.
 */
export function behindMachines(
  stages: readonly StageRequest[],
  named: readonly StageRequest[],
  machines: readonly string[],
  going: readonly string[],
  uninstalled: string | null,
): readonly StageRequest[] {
  const made = new Set(machines)
  const tokens = new Map(named.map(({ key, arguments: given }) => [key, machinesIn(given)]))
  return [
    ...machines.map(machine => creation(machine)),
    ...stages.map(stage => {
      const before = (tokens.get(stage.key) ?? []).filter(machine => made.has(machine))
      return before.length === 0
        ? stage
        : { ...stage, needs: [...before.map(of => ({ stage: stageKey(createMachine.kind, of) })), ...stage.needs] }
    }),
    ...going.map(machine =>
      destruction(
        machine,
        stages.flatMap(({ key }) => (tokens.get(key)?.includes(machine) ? [key] : [])),
        uninstalled,
      ),
    ),
  ]
}
