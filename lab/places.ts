import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { LabError } from './errors.ts'

/** Where things are on this machine. The checkout's shell scripts decide; nothing is decided twice. */
export const checkout = join(import.meta.dirname, '..')

const paths = readPaths()
/** For children that run without the user's environment. */
export const pathsEnvironment = { SLIPWAY_CACHE: paths.cache, SLIPWAY_NODE: paths.node }
export const nodeProgram = paths.node
export const labsFolder = join(paths.cache, 'lab/labs')
export const savesFolder = join(paths.cache, 'lab/saves')
const locksFolder = join(paths.cache, 'lab/locks')

export const labFolder = (lab: string): string => join(labsFolder, lab)
/** Maps versions or files to what their download suffers; read by the release server at each request. */
export const releaseFaultsFile = (lab: string): string => join(labsFolder, lab, 'release_faults.json')
export const hostFolder = (lab: string, host: string): string => join(labsFolder, lab, 'hosts', host)
export const labLock = (lab: string): string => join(locksFolder, `${lab}.lock`)
/** Held while a machine is added to a lab or removed from it; names of labs have no dots. */
export const guestLock = (lab: string, host: string): string => join(locksFolder, `${lab}.${host}.lock`)
/** Held while a lab looks for a free network, so that two don't find the same one. */
export const networksLock = join(locksFolder, '.networks.lock')

function readPaths(): { cache: string; node: string } {
  const { SLIPWAY_CACHE, SLIPWAY_NODE } = process.env
  if (SLIPWAY_CACHE && SLIPWAY_NODE) return { cache: SLIPWAY_CACHE, node: SLIPWAY_NODE }
  const script = '. scripts/paths.sh; printf "%s\\n%s" "$SLIPWAY_CACHE" "$SLIPWAY_NODE"'
  const [cache = '', node = ''] = execFileSync('sh', ['-c', script], { cwd: checkout, encoding: 'utf8' }).split('\n')
  return { cache, node }
}

export interface Parts {
  /** Folder of the hosts' root file system. */
  rootfs: string
  /** Folder of Kubernetes' programs; null: not built by this checkout. */
  kubernetes: string | null
  /** Folder of the packed RKE2 releases, and their versions. */
  releases: string | null
  versions: string[]
  /** Folder of what hosts with real pods have beside the others; null: they have none. */
  pods: string | null
}

/** What a lab is made of, and what real pods need if its hosts are to have some; sets up what is missing, with progress on standard error. */
export function preparedParts(pods: boolean): Parts {
  if (process.getuid?.() !== 0) {
    throw new LabError('the lab needs root: it makes name spaces and mounts', 'Run it with sudo.', { exitCode: 2 })
  }
  const parts = findParts(pods)
  if (parts) return parts
  const setup = ['npm', 'lab', ...(pods ? ['pods'] : [])]
  execFileSync(join(checkout, 'scripts/setup'), setup, { stdio: ['ignore', 2, 2] })
  const made = findParts(pods)
  if (made) return made
  throw new LabError('the set-up of the lab is not complete', 'See what it says: scripts/setup lab')
}

function findParts(pods: boolean): Parts | null {
  const parts = {
    rootfs: ask('lab/rootfs/build', '--print-directory') ?? '',
    kubernetes: ask('lab/kubernetes/build', '--print'),
    releases: ask('lab/rke2/pack', '--print-directory'),
    versions: z.array(z.string()).parse(JSON.parse(ask('lab/rke2/pack', '--print-versions') ?? '[]')),
    pods: pods ? ask('lab/pods/build', '--print-directory') : null,
  }
  const programs = ['systemd-nspawn', 'ip', 'tc', 'ssh', 'mkfs.ext4', 'flock']
  const folders = [parts.rootfs, parts.kubernetes, parts.releases, parts.pods].filter(folder => folder !== null)
  return programs.every(isInstalled) && folders.every(folder => existsSync(folder)) ? parts : null
}

/** What a script of the checkout prints; null when this checkout has no such script. */
function ask(script: string, option: string): string | null {
  const file = join(checkout, script)
  return existsSync(file) ? execFileSync(file, [option], { encoding: 'utf8' }).trim() : null
}

function isInstalled(program: string): boolean {
  const folders = (process.env['PATH'] ?? '').split(':')
  return [...folders, '/usr/sbin', '/sbin'].some(folder => existsSync(join(folder, program)))
}
