import type { Command } from 'commander'
import type { Surroundings } from '../surroundings.ts'
import { defineCheck } from './machine/check.ts'
import { defineCreate } from './machine/create.ts'
import { defineDestroy } from './machine/destroy.ts'
import { defineInventory } from './machine/inventory.ts'
import { defineList } from './machine/list.ts'
import { defineProvision } from './machine/provision.ts'
import { defineShow } from './machine/show.ts'
import { defineSsh } from './machine/ssh.ts'
import { defineUnlock } from './machine/unlock.ts'

export function define(command: Command, surroundings: Surroundings): void {
  defineCreate(command, surroundings)
  defineDestroy(command, surroundings)
  defineList(command, surroundings)
  defineShow(command, surroundings)
  defineSsh(command, surroundings)
  defineInventory(command, surroundings)
  defineCheck(command, surroundings)
  defineUnlock(command, surroundings)
  defineProvision(command, surroundings)
}
