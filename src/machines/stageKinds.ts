import type { StageKind } from '../engine/contract/stage.ts'
import type { MachineSessionOf } from './session.ts'
import { createMachine } from './stages/create.ts'
import { destroyMachine } from './stages/destroy.ts'

export const machineStageKinds = (sessionOf: MachineSessionOf): readonly StageKind[] => [
  createMachine.over(sessionOf),
  destroyMachine.over(sessionOf),
]
