import type { Command } from 'commander'
import type { Surroundings } from '../surroundings.ts'
import { defineBackup } from './db/backup.ts'
import { defineCopy } from './db/copy.ts'
import { defineMigrate } from './db/migrate.ts'
import { defineRestore } from './db/restore.ts'

export function define(command: Command, surroundings: Surroundings): void {
  defineBackup(command, surroundings)
  defineRestore(command)
  defineCopy(command)
  defineMigrate(command)
}
