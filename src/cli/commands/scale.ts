import type { Command } from 'commander'
import type { Surroundings } from '../surroundings.ts'
import { defineRemove } from './scale/remove.ts'

export function define(command: Command, surroundings: Surroundings): void {
  defineRemove(command, surroundings)
}
