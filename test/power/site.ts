import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { temporaryFolder } from '../store/temporaryFolder.ts'
import { type Disk, openDisk, sectorSize } from './disk.ts'
import { type DiskServer, serveDisk } from './diskServer.ts'
import type { MachineParts } from './machine.ts'

const root = resolve(import.meta.dirname, '../..')

/** Bytes; a file of this size takes as much room as was written to it. */
const diskSize = 1024 ** 3

/** What a round has for itself, in a folder of its own: a new data disk, and the program that the machine runs. */
export interface Site {
  readonly folder: string
  readonly parts: MachineParts
  readonly disk: Disk
  readonly server: DiskServer
  /** What is wrong with the file system, which no machine uses now; empty when nothing is. */
  checkFileSystem(): string
}

/** `flushes` false: its disk is one that lies. */
export async function makeSite(machine: string, flushes: boolean): Promise<Site> {
  const folder = temporaryFolder('power')
  const program = join(folder, 'program')
  mkdirSync(program)
  const run = (command: string, ...args: string[]): string =>
    execFileSync(command, args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
  const sources = ['test/power/guest.ts', 'src/processes/launcherProcess.ts']
  run('node_modules/.bin/rolldown', ...sources, '--platform', 'node', '--format', 'esm', '--dir', program)
  // Found beside the code that gives them to the database.
  cpSync(join(root, 'src/store/functions'), join(program, 'functions'), { recursive: true })
  const archive = join(folder, 'program.tar')
  run('tar', '-cf', archive, '-C', program, '.')
  const image = join(folder, 'data.img')
  run('truncate', '-s', String(diskSize), image)
  // As anybody makes it: with a journal.
  run('mke2fs', '-q', '-t', 'ext4', '-b', String(sectorSize), image)
  const disk = openDisk(image, flushes)
  const diskSocket = join(folder, 'disk')
  return {
    folder,
    parts: { machine, program: archive, diskSocket, console: join(folder, 'console') },
    disk,
    server: await serveDisk(disk, diskSize, diskSocket),
    checkFileSystem() {
      try {
        run('e2fsck', '-f', '-n', image)
        return ''
      } catch (error) {
        return error instanceof Error && 'stdout' in error ? String(error.stdout) : String(error)
      }
    },
  }
}
