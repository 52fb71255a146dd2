import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { reasonOf } from '../../makeFolder.ts'
import { beingRemoved, type Places, setAside } from '../places.ts'

/** A file in a database that was converted: the major versions of those it was made from that are still beside it. */
const marker = 'slipway-converted-from'
const markerShape = z.array(z.string().regex(/^\d+$/))

/** So that only what a conversion has set aside is removed, and nothing that somebody else has put there. */
export function noteSetAside(made: string, from: string, places: Places): void {
  const majors = [...readNote(places.real), from]
  writeFileSync(join(made, marker), `${JSON.stringify(majors)}\n`, { mode: 0o600, flush: true })
}

/**
 * Removes what a conversion has set aside. To be called when the database that was made of it has started well, and
 * never before. What cannot be removed is told, and tried again at the next start: it is in nobody's way.
 */
export async function removeSetAside(places: Places, report: (message: string) => void): Promise<void> {
  for (const major of readNote(places.real)) {
    const kept = setAside(places, major)
    const going = beingRemoved(places, major)
    try {
      await rm(going, { recursive: true, force: true })
      // Under another name first: half of it is never taken for a database to go back to.
      if (existsSync(kept)) renameSync(kept, going)
      await rm(going, { recursive: true, force: true })
    } catch (error) {
      report(`${kept}, the database before its conversion, could not be removed: ${reasonOf(error)}`)
      return
    }
    report(`${kept}, the database before its conversion, was removed: the new one has started well`)
  }
  rmSync(join(places.real, marker), { force: true })
}

function readNote(folder: string): string[] {
  const file = join(folder, marker)
  if (!existsSync(file)) return []
  return markerShape.parse(JSON.parse(readFileSync(file, 'utf8')))
}
