import type { Command } from 'commander'
import type { Surroundings } from '../surroundings.ts'
import { defineAdd } from './scale/add.ts'
import { defineRemove } from './scale/remove.ts'

export function define(command: Command, surroundings: Surroundings): void {
  defineAdd(command, surroundings)
  defineRemove(command, surroundings)
}
