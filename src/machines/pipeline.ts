import type { StageRequest } from '../engine/contract/stage.ts'
import { createMachine } from './stages/create.ts'
import { destroyMachine } from './stages/destroy.ts'

/** What can be done to a machine by itself. */
export type MachineOperation = 'machine-create' | 'machine-destroy'

/** What a plan of it, its run and its stage are called. */
export const machineTitle = (machine: string, operation: MachineOperation): string =>
  operation === 'machine-create' ? `Create machine ${machine}` : `Destroy machine ${machine}`

/** An operation on one machine as stages. Pure. */
export const machinePipeline = (machine: string, operation: MachineOperation): readonly StageRequest[] => [
  operation === 'machine-create' ? creation(machine, true) : destruction(machine, [], null),
]

/** @param asked see `createMachine`. */
export const creation = (machine: string, asked = false): StageRequest =>
  createMachine.request({
    of: machine,
    title: machineTitle(machine, 'machine-create'),
    needs: [],
    arguments: { machine, ...(asked && { asked }) },
  })

/**
 * @param after keys of stages of the same run that take it out of its cluster.
 * @param uninstalled the cluster, where all of it goes; null: it stays, or there is none.
 */
export const destruction = (machine: string, after: readonly string[], uninstalled: string | null): StageRequest =>
  destroyMachine.request({
    of: machine,
    title: machineTitle(machine, 'machine-destroy'),
    needs: after.map(stage => ({ stage })),
    arguments: {
      machine,
      ...(after.length > 0 && { after: [...after] }),
      ...(uninstalled !== null && { uninstalled }),
    },
  })
