import type { Command } from 'commander'
import type { Surroundings } from '../surroundings.ts'
import { defineReplace } from './node/replace.ts'

export function define(command: Command, surroundings: Surroundings): void {
  defineReplace(command, surroundings)
}
