import type { Command } from 'commander'
import type { Surroundings } from '../surroundings.ts'
import { defineApply } from './platform/apply.ts'
import { defineDisable } from './platform/disable.ts'
import { defineComponents } from './platform/components.ts'
import { defineLogs } from './platform/logs.ts'
import { definePlan } from './platform/plan.ts'
import { defineRollback } from './platform/rollback.ts'
import { defineUpgrade } from './platform/upgrade.ts'
import { defineStatus } from './platform/status.ts'

export function define(command: Command, surroundings: Surroundings): void {
  definePlan(command, surroundings)
  defineApply(command, surroundings)
  defineUpgrade(command, surroundings)
  defineRollback(command, surroundings)
  defineStatus(command, surroundings)
  defineLogs(command, surroundings)
  defineDisable(command, surroundings)
  defineComponents(command)
}
