import { open } from 'node:fs/promises'
import type { ProviderCalls } from '../contract.ts'
import { isFetched, type LibvirtSettings } from './settings.ts'
import { virsh } from './virsh.ts'

/** Bytes of the disk that an image is; null: it can't be known before it is fetched. */
export async function imageSize(
  image: string,
  { uri, pool }: LibvirtSettings,
  calls: Pick<ProviderCalls, 'environment' | 'signal'>,
): Promise<number | null> {
  if (/^https?:/.test(image)) return null
  if (isFetched(image)) return fileSize(image)
  const { stdout } = await virsh(uri, [`vol-dumpxml ${image} --pool ${pool}`], calls)
  const [, bytes] = /<capacity unit='bytes'>(\d+)<\/capacity>/.exec(stdout) ?? []
  return bytes === undefined ? null : Number(bytes)
}

/** A qcow2 image says it in its head; a raw one is its disk. Null: there is no such file, or it can't be read. */
async function fileSize(path: string): Promise<number | null> {
  await using file = await open(path).catch(() => null)
  if (!file) return null
  const head = Buffer.alloc(32)
  const { bytesRead } = await file.read(head, 0, 32, 0).catch(() => ({ bytesRead: 0 }))
  const isQcow = bytesRead === 32 && head.toString('latin1', 0, 4) === 'QFI\u00fb'
  return isQcow ? Number(head.readBigUInt64BE(24)) : (await file.stat()).size
}
