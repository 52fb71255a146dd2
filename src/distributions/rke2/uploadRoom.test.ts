import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { machineFacts } from './machineFacts.fixture.ts'
import { roomFindings, uploadFindings } from './uploadRoom.ts'

const mib = 2 ** 20
const { disks } = machineFacts()
const host = (free: { uploads: number; prefix?: number; data?: number }, mounts = ['/var', '/usr', '/data']) => ({
  node: { hostname: 'm1', internal_ip: '10.0.0.1', role: 'worker' as const },
  facts: machineFacts({
    disks: {
      ...disks,
      uploads: { ...disks.uploads, free_mib: free.uploads, mount: mounts[0] ?? '' },
      prefix: { ...disks.prefix, free_mib: free.prefix ?? free.uploads, mount: mounts[1] ?? '' },
      data: { ...disks.data, free_mib: free.data ?? free.uploads, mount: mounts[2] ?? '' },
    },
  }),
  error: null,
})
const cluster = { name: 'demo', distribution: 'rke2' as const, version: 'v1.34.1+rke2r1' }
const release = { tarball: 50 * mib, images: 800 * mib }

it('asks for the room that the files of a release need, wherever they come', () => {
  expect(roomFindings(host({ uploads: 850, prefix: 200, data: 800 }), release)).toEqual([])
  const [finding] = roomFindings(host({ uploads: 849, prefix: 200, data: 800 }), release)
  expect(finding).toMatchObject({ name: 'disk-full', severity: 'error', about: 'node m1' })
  expect(finding?.message).toContain('849 MiB free')
  expect(finding?.message).toContain('need 850')
  expect(roomFindings(host({ uploads: 850, prefix: 199, data: 799 }), release)).toHaveLength(2)
})

it('adds up what comes to one file system', () => {
  const [finding] = roomFindings(host({ uploads: 1849 }, ['/', '/', '/']), release)
  expect(finding?.message).toContain('need 1850')
  expect(roomFindings(host({ uploads: 1850 }, ['/', '/', '/']), release)).toEqual([])
})

it('asks for a folder of Slipway’s that takes files, whatever file system it is on', async () => {
  const own = { path: '/var/lib/slipway/uploads', mount: '/var/lib/slipway/uploads' }
  const closed = async (over: object, artifact_path?: string) => {
    const { node, facts, error } = host({ uploads: 1000 })
    const disks = { ...facts.disks, uploads: { ...facts.disks.uploads, path: own.path, ...over } }
    const seen = [{ node, error, facts: { ...facts, disks } }]
    const found = await uploadFindings({ ...cluster, ...(artifact_path && { artifact_path }) }, seen)
    return found.map(({ name, message }) => `${name}: ${message}`)
  }
  const keeps = 'disk-read-only: the file system of /var/lib/slipway, where Slipway keeps its files, is read-only'
  const brings = '/var/lib/slipway/uploads, where the files of the release are brought'
  expect(await closed({}, '/nowhere')).toEqual([])
  expect(await closed({ read_only: true })).toEqual([keeps])
  expect(await closed({ read_only: true }, '/nowhere')).toEqual([keeps])
  expect(await closed({ ...own, read_only: true })).toEqual([])
  expect(await closed({ ...own, read_only: true }, '/nowhere')).toEqual([
    `disk-read-only: the file system of ${brings}, is read-only`,
  ])
  expect(await closed({ ...own, inodes_free: 0 }, '/nowhere')).toEqual([`disk-full: no inode is free for ${brings}`])
  expect(await closed({ read_only: true, mount: '/data' })).toEqual([])
})

it('reads the sizes from the folder, and of two packings takes the one that the play takes', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-room-'))
  for (const [name, size] of [
    ['rke2.linux-amd64.tar.gz', 1],
    ['rke2-images.linux-amd64.tar.zst', 10],
    ['rke2-images.linux-amd64.tar.gz', 100],
    ['rke2-images-canal.linux-amd64.tar.gz', 3],
    ['rke2-images.linux-arm64.tar.zst', 1000],
  ] as const) {
    // Sparse: as long as a real one, and no work for the disk.
    await writeFile(join(folder, name), '')
    await truncate(join(folder, name), size * mib)
  }
  const of = (free: number) =>
    uploadFindings({ ...cluster, artifact_path: folder }, [host({ uploads: free }, ['/', '/', '/'])])
  expect(await of(14 + 4 + 13)).toEqual([])
  expect((await of(14 + 4 + 13 - 1))[0]?.message).toContain('need 31')
  expect(await uploadFindings(cluster, [host({ uploads: 0 })])).toEqual([])
  // What an earlier try has placed is not brought again: by its name, its folder and its size.
  const has = (path: string, size: number) => {
    const { node, facts, error } = host({ uploads: 4 + 1 + 3 * 2 }, ['/', '/', '/'])
    return { node, error, facts: { ...facts, release: { ...facts.release, cached: [{ path, size: size * mib }] } } }
  }
  const after = async (path: string, size: number) =>
    (await uploadFindings({ ...cluster, artifact_path: folder }, [has(path, size)])).map(({ name }) => name)
  const images = `${machineFacts().data.path}/agent/images`
  expect(await after(`${images}/rke2-images.linux-amd64.tar.zst`, 10)).toEqual([])
  expect(await after(`${images}/rke2-images.linux-amd64.tar.zst`, 9)).toEqual(['disk-full'])
  expect(await after(`${images}/rke2-images.linux-amd64.tar.zst.partial`, 10)).toEqual(['disk-full'])
  expect(await after('/elsewhere/rke2-images.linux-amd64.tar.zst', 10)).toEqual(['disk-full'])
  await rm(folder, { recursive: true })
})
