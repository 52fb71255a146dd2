import { readdir, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Unmet } from '../../engine/contract/stage.ts'
import type { ClusterArguments } from './arguments.ts'
import type { ReachedHost } from './observedHost.ts'
import { imageFolder, releaseFiles, releaseFolder } from './release.ts'

/** Sizes in bytes of what an air-gapped machine is brought. */
export interface ReleaseSizes {
  readonly tarball: number
  readonly images: number
}

interface Archive {
  readonly name: string
  readonly size: number
}

/** What a folder holds for one architecture. */
interface Release {
  readonly tarball: number
  readonly images: readonly Archive[]
}

/** A tarball unpacked, with the tarball beside it, as a multiple of the tarball. */
const unpacked = 4

/**
 * Whether Slipway's folder takes files, and those of `artifact_path` find room (C10): they are brought to one folder, unpacked below the prefix, and
 * the images are kept in the data folder. What lies on one file system is added up.
 */
export async function uploadFindings(cluster: ClusterArguments, hosts: readonly ReachedHost[]): Promise<Unmet[]> {
  const { artifact_path, version } = cluster
  const closed = hosts.flatMap(host => writeFindings(host, artifact_path !== undefined))
  if (artifact_path === undefined) return closed
  const folder = await releaseFolder(artifact_path, version)
  const releases = new Map<string, Release>()
  for (const { facts } of hosts) if (!releases.has(facts.arch)) releases.set(facts.arch, await read(folder, facts.arch))
  const lackRoom = hosts.flatMap(host => {
    const release = releases.get(host.facts.arch)
    return release ? roomFindings(host, lackingOn(host, release)) : []
  })
  return [...closed, ...lackRoom]
}

/**
 * Slipway's own folder must take files; where it shares the file system of the data or the prefix, that one is told of.
 * The folder for uploads may be a file system of its own, and matters in an air gap only.
 */
function writeFindings({ node, facts: { disks } }: ReachedHost, airGap: boolean): Unmet[] {
  const { uploads, data, prefix } = disks
  const isOwn = uploads.mount === uploads.path
  if ((isOwn && !airGap) || [data.mount, prefix.mount].includes(uploads.mount)) return []
  const where = isOwn
    ? `${uploads.path}, where the files of the release are brought`
    : `${dirname(uploads.path)}, where Slipway keeps its files`
  const error = (name: 'disk-read-only' | 'disk-full', message: string, remedy: string): Unmet[] => [
    { name, severity: 'error', about: `node ${node.hostname}`, message, remedy },
  ]
  if (uploads.read_only)
    return error(
      'disk-read-only',
      `the file system of ${where}, is read-only`,
      `Mount it writable: \`mount -o remount,rw ${uploads.mount}\`.`,
    )
  if (uploads.inodes_free !== 0) return []
  return error('disk-full', `no inode is free for ${where}`, `Remove files from the file system at ${uploads.mount}.`)
}

/** An earlier try may have placed images before it broke off: they are not brought again. */
function lackingOn({ facts }: ReachedHost, { tarball, images }: Release): ReleaseSizes {
  const folder = imageFolder(facts.data.path)
  const isThere = ({ name, size }: Archive) =>
    facts.release.cached.some(file => file.path === join(folder, name) && file.size === size)
  return { tarball, images: images.filter(image => !isThere(image)).reduce((sum, { size }) => sum + size, 0) }
}

export function roomFindings({ node, facts }: ReachedHost, { tarball, images }: ReleaseSizes): Unmet[] {
  const { uploads, prefix, data } = facts.disks
  const needs = [
    { disk: uploads, bytes: tarball + images },
    { disk: prefix, bytes: tarball * unpacked },
    { disk: data, bytes: images },
  ]
  return [...Map.groupBy(needs, ({ disk }) => disk.mount).values()].flatMap((group): Unmet[] => {
    const needed = Math.ceil(group.reduce((sum, { bytes }) => sum + bytes, 0) / 2 ** 20)
    const [first] = group
    if (!first || needed === 0 || first.disk.free_mib >= needed) return []
    const paths = group.map(({ disk }) => disk.path).join(', ')
    return [
      {
        name: 'disk-full',
        severity: 'error',
        about: `node ${node.hostname}`,
        message: `${first.disk.free_mib} MiB free for ${paths}, the files of the release need ${needed}`,
        remedy: `Free space on the file system at ${first.disk.mount}.`,
      },
    ]
  })
}

async function read(folder: string, arch: string): Promise<Release> {
  const [tarball = ''] = releaseFiles(arch)
  const ending = new RegExp(`\\.${tarball.replace(/^rke2\.|\.tar\.gz$/g, '')}\\.tar\\.(zst|gz)$`)
  const present = await readdir(folder).catch((): string[] => [])
  // Of two packings of one archive the play takes the smaller.
  const isTaken = (name: string) =>
    name.startsWith('rke2-images') &&
    ending.test(name) &&
    !(name.endsWith('.gz') && present.includes(name.replace(/gz$/, 'zst')))
  const images = present.filter(isTaken)
  const size = async (name: string) => (await stat(join(folder, name)).catch(() => null))?.size ?? 0
  return {
    tarball: await size(tarball),
    images: await Promise.all(images.map(async name => ({ name, size: await size(name) }))),
  }
}
