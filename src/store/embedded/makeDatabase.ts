import { mkdirSync, renameSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { runProcess } from '../../processes/run.ts'
import { folderUnusable } from '../makeFolder.ts'
import type { Account } from './account.ts'
import type { DatabaseFolder } from './databaseFolder.ts'
import { syncFolder } from './places.ts'
import type { Programs } from './programs.ts'
import { makeRefusal } from './refusals.ts'
import { initialisation, workingDirectory } from './settings.ts'

/** A slow disk needs a minute; what takes longer has no end, ms. */
const patience = 300_000

/**
 * Makes an empty database. It gets its name when it is complete and on the disk: a kill or a power cut leaves all of
 * it or nothing.
 * @throws SlipwayError `folder-unusable`, `machine-exhausted`, `tool-missing`.
 */
export async function makeDatabase(
  { path, beingMade }: DatabaseFolder,
  programs: Programs,
  account: Account,
): Promise<void> {
  try {
    await initialise(beingMade, programs, account)
    renameSync(beingMade, path)
    syncFolder(dirname(path))
  } catch (error) {
    rmSync(beingMade, { recursive: true, force: true })
    throw error instanceof Error && 'syscall' in error ? folderUnusable(path, error) : error
  }
}

/** Makes an empty database in a new folder; what is in that is on the disk. */
export async function initialise(folder: string, programs: Programs, account: Account): Promise<void> {
  mkdirSync(folder, { mode: 0o700 })
  await callInitdb(folder, initialisation, programs, account)
}

/** Forces all files of a database on which nobody works to the disk, with their names. */
export const syncDatabase = (folder: string, programs: Programs, account: Account): Promise<void> =>
  callInitdb(folder, ['--sync-only'], programs, account)

async function callInitdb(
  folder: string,
  what: readonly string[],
  programs: Programs,
  account: Account,
): Promise<void> {
  const [command = '', ...rest] = [
    ...account.before,
    'setpriv',
    '--pdeathsig=KILL',
    programs.initdb,
    ...workingDirectory,
    ...what,
  ]
  const { exitCode, stdout, stderr } = await runProcess(command, rest, {
    directory: folder,
    environment: programs.environment,
    timeout: patience,
  })
  if (exitCode !== 0) throw makeRefusal(folder, `${stdout}\n${stderr}`.trim().split('\n'))
}
