import type { StageRequest } from '../engine/contract/stage.ts'
import { createMachine } from './stages/create.ts'
import { destroyMachine } from './stages/destroy.ts'

/** What can be done to a machine by itself. */
export type MachineOperation = 'machine-create' | 'machine-destroy'

/** An operation on one machine as stages. Pure. */
export const machinePipeline = (machine: string, operation: MachineOperation): readonly StageRequest[] => [
  operation === 'machine-create'
    ? createMachine.request({ of: machine, title: `Create machine ${machine}`, needs: [], arguments: { machine } })
    : destroyMachine.request({ of: machine, title: `Destroy machine ${machine}`, needs: [], arguments: { machine } }),
]
