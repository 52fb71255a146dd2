import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { runProcess } from '../../processes/run.ts'
import { folderUnusable } from '../makeFolder.ts'
import type { Account } from './account.ts'
import type { DatabaseFolder } from './databaseFolder.ts'
import type { Programs } from './programs.ts'
import { startRefusal } from './refusals.ts'
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
    mkdirSync(beingMade, { mode: 0o700 })
    const [command = '', ...rest] = [
      ...account.before,
      'setpriv',
      '--pdeathsig=KILL',
      programs.initdb,
      ...workingDirectory,
      ...initialisation,
    ]
    const { exitCode, stdout, stderr } = await runProcess(command, rest, {
      directory: beingMade,
      environment: programs.environment,
      timeout: patience,
    })
    if (exitCode !== 0) throw startRefusal(beingMade, `${stdout}\n${stderr}`.trim().split('\n'))
    renameSync(beingMade, path)
    syncFolder(dirname(path))
  } catch (error) {
    rmSync(beingMade, { recursive: true, force: true })
    throw error instanceof Error && 'syscall' in error ? folderUnusable(path, error) : error
  }
}

function syncFolder(path: string): void {
  const descriptor = openSync(path, 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}
