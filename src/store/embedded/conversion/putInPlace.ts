import { renameSync } from 'node:fs'
import { dirname } from 'node:path'
import { allConverted, converted, type Places, setAside, syncFolder } from '../places.ts'

/**
 * Puts a database that is complete and on the disk in the place of the one that it was made from, which is kept beside
 * it. Each name is on the disk before the next one is given, so a kill or a power cut leaves one of:
 *
 * - the earlier database in its place: it is converted anew, whatever stands beside it;
 * - none in its place, and a complete one beside it, whose name says that: it is put there (`putConvertedInPlace`);
 * - the new one in its place.
 */
export function putInPlace(places: Places, made: string, from: string): void {
  const { real } = places
  const folder = dirname(real)
  // A name of its own: what is being made is never taken for it.
  const complete = converted(places, from)
  renameSync(made, complete)
  syncFolder(folder)
  renameSync(real, setAside(places, from))
  syncFolder(folder)
  renameSync(complete, real)
  syncFolder(folder)
}

/** Where there is no database: a complete one that was about to come there. */
export function putConvertedInPlace(places: Places): void {
  const [complete, ...others] = allConverted(places)
  if (complete === undefined || others.length > 0) return
  renameSync(complete, places.real)
  syncFolder(dirname(places.real))
}
