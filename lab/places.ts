import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { LabError } from './errors.ts'

/** Where things are on this machine. The checkout's shell scripts decide; nothing is decided twice. */
export const checkout = join(import.meta.dirname, '..')

const paths = readPaths()
/** For children that run without the user's environment. */
export const pathsEnvironment = { SLIPWAY_CACHE: paths.cache, SLIPWAY_NODE: paths.node }
export const nodeProgram = paths.node
export const kubernetesPrograms = join(paths.cache, 'lab/kubernetes/bin')
export const labsFolder = join(paths.cache, 'lab/labs')
export const savesFolder = join(paths.cache, 'lab/saves')
const locksFolder = join(paths.cache, 'lab/locks')

export const labFolder = (lab: string): string => join(labsFolder, lab)
export const hostFolder = (lab: string, host: string): string => join(labsFolder, lab, 'hosts', host)
export const labLock = (lab: string): string => join(locksFolder, `${lab}.lock`)
/** Held while a lab looks for a free network, so that two don't find the same one. */
export const networksLock = join(locksFolder, '.networks.lock')

function readPaths(): { cache: string; node: string } {
  const { SLIPWAY_CACHE, SLIPWAY_NODE } = process.env
  if (SLIPWAY_CACHE && SLIPWAY_NODE) return { cache: SLIPWAY_CACHE, node: SLIPWAY_NODE }
  const script = '. scripts/paths.sh; printf "%s\\n%s" "$SLIPWAY_CACHE" "$SLIPWAY_NODE"'
  const [cache = '', node = ''] = execFileSync('sh', ['-c', script], { cwd: checkout, encoding: 'utf8' }).split('\n')
  return { cache, node }
}

/** The folder of the hosts' root file system, the packed RKE2 releases and their versions; sets up what is missing. */
export function preparedParts(): { rootfs: string; releases: string | null; versions: string[] } {
  if (process.getuid?.() !== 0) {
    throw new LabError('the lab needs root: it makes name spaces and mounts', 'Run it with sudo.', { exitCode: 2 })
  }
  const ask = (script: string, option: string): string | null =>
    existsSync(join(checkout, script))
      ? execFileSync(join(checkout, script), [option], { encoding: 'utf8' }).trim()
      : null
  const rootfs = (): string => ask('lab/rootfs/build', '--print-directory') ?? ''
  const releases = (): string | null => ask('lab/rke2/pack', '--print-directory')
  const programs = ['systemd-nspawn', 'ip', 'tc', 'ssh', 'mkfs.ext4', 'flock']
  const isMissing =
    !programs.every(isInstalled) ||
    !existsSync(rootfs()) ||
    (existsSync(join(checkout, 'lab/kubernetes/build')) && !existsSync(kubernetesPrograms)) ||
    !existsSync(releases() ?? '/')
  if (isMissing) execFileSync(join(checkout, 'scripts/setup'), ['lab'], { stdio: ['ignore', 2, 2] })
  const versions = ask('lab/rke2/pack', '--print-versions')
  return { rootfs: rootfs(), releases: releases(), versions: versions ? JSON.parse(versions) : [] }
}

function isInstalled(program: string): boolean {
  const folders = (process.env['PATH'] ?? '').split(':')
  return [...folders, '/usr/sbin', '/sbin'].some(folder => existsSync(join(folder, program)))
}
