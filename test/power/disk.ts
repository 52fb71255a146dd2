import { closeSync, openSync, readSync, writeSync } from 'node:fs'

/**
 * What a disk writes whole or not at all, bytes: a sector of today's disks. A page of the database has two. Sectors of
 * 512 would try the file system instead: ext4 cannot be mounted when half of its superblock (1 KiB) is of another time.
 */
export const sectorSize = 4096

export interface PowerLoss {
  /** Sectors that had been written and not been flushed: so many of them are lost, and so many were on the disk. */
  readonly lost: number
  readonly kept: number
}

/** A disk over a file. Offsets and lengths are multiples of the sector. */
export interface Disk {
  read(offset: number, length: number): Buffer
  write(offset: number, data: Buffer): void
  /** False: it did not come to that, its power is gone. Whoever asked gets no answer. */
  flush(): boolean
  /** Lets it lose its power at this one of its flushes from now on, counted from 1; resolves then. */
  breakAt(flush: number): Promise<void>
  /** What was not flushed goes, each sector as chance will; the next machine finds it with power again. */
  losePower(random: () => number): PowerLoss
  close(): void
}

/**
 * With a cache that forgets, as real disks have one: what was written is on the disk after a flush; until then the loss
 * of power may take any sector of it and leave any other. `flushes` false: it says that it has flushed and has not,
 * and loses all.
 */
export function openDisk(file: string, flushes = true): Disk {
  const descriptor = openSync(file, 'r+')
  let cache = new Map<number, Buffer>()
  let untilBreak = 0
  let breaks = (): void => {}
  const keep = (sectors: Iterable<readonly [number, Buffer]>): void => {
    for (const [sector, data] of sectors) writeSync(descriptor, data, 0, sectorSize, sector * sectorSize)
  }
  return {
    read(offset, length) {
      const data = Buffer.alloc(length)
      readSync(descriptor, data, 0, length, offset)
      for (let at = 0; at < length; at += sectorSize) cache.get((offset + at) / sectorSize)?.copy(data, at)
      return data
    },
    write(offset, data) {
      for (let at = 0; at < data.length; at += sectorSize)
        cache.set((offset + at) / sectorSize, Buffer.from(data.subarray(at, at + sectorSize)))
    },
    flush() {
      if (untilBreak === 1) {
        breaks()
        return false
      }
      if (untilBreak > 1) untilBreak--
      if (flushes) {
        keep(cache)
        cache = new Map()
      }
      return true
    },
    breakAt(flush) {
      untilBreak = flush
      return new Promise(resolve => {
        breaks = resolve
      })
    },
    losePower(random) {
      const share = flushes ? random() : 0
      const kept = [...cache].filter(() => random() < share)
      const lost = cache.size - kept.length
      keep(kept)
      cache = new Map()
      untilBreak = 0
      return { lost, kept: kept.length }
    },
    close: () => closeSync(descriptor),
  }
}
