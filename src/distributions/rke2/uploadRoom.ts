import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Unmet } from '../../engine/stage.ts'
import type { ClusterArguments } from './arguments.ts'
import type { ReachedHost } from './look.ts'
import { releaseFiles, releaseFolder } from './release.ts'

/** Sizes in bytes of what an air-gapped machine is brought. */
export interface ReleaseSizes {
  readonly tarball: number
  readonly images: number
}

/** A tarball unpacked, with the tarball beside it, as a multiple of the tarball. */
const unpacked = 4

/**
 * Whether the files of `artifact_path` find room (C10): they are brought to one folder, unpacked below the prefix, and
 * the images are kept in the data folder. What lies on one file system is added up.
 */
export async function uploadFindings(cluster: ClusterArguments, hosts: readonly ReachedHost[]): Promise<Unmet[]> {
  const { artifact_path, version } = cluster
  if (artifact_path === undefined) return []
  const folder = await releaseFolder(artifact_path, version)
  const sizes = new Map<string, ReleaseSizes>()
  for (const { facts } of hosts) if (!sizes.has(facts.arch)) sizes.set(facts.arch, await sizesIn(folder, facts.arch))
  return hosts.flatMap(host => roomFindings(host, sizes.get(host.facts.arch) ?? { tarball: 0, images: 0 }))
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

async function sizesIn(folder: string, arch: string): Promise<ReleaseSizes> {
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
  const each = await Promise.all(images.map(size))
  return { tarball: await size(tarball), images: each.reduce((sum, one) => sum + one, 0) }
}
