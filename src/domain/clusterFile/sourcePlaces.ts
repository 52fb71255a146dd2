import type { FilePlace } from '../errors.ts'
import { type Path, type Place, pointer, writtenPath } from './plainTree.ts'

/** Offsets and paths of a file to line and column, as editors count them (from 1). */
export class SourcePlaces {
  readonly #file: string
  readonly #lineStarts: number[] = [0]

  constructor(file: string, text: string) {
    this.#file = file
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) this.#lineStarts.push(at + 1)
  }

  ofOffset(offset: number, path: string): FilePlace {
    let low = 0
    let high = this.#lineStarts.length - 1
    while (low < high) {
      const middle = Math.ceil((low + high) / 2)
      if ((this.#lineStarts[middle] ?? 0) <= offset) low = middle
      else high = middle - 1
    }
    return { file: this.#file, line: low + 1, column: offset - (this.#lineStarts[low] ?? 0) + 1, path }
  }

  /** Where a path stands; for one that is absent, the nearest part of it that is there. */
  ofPath(path: Path, places: ReadonlyMap<string, Place>, atKey: boolean): FilePlace {
    for (let length = path.length; length >= 0; length--) {
      const place = places.get(pointer(path.slice(0, length)))
      if (!place) continue
      const offset = atKey && length === path.length ? (place.key ?? place.value) : place.value
      return this.ofOffset(offset, writtenPath(path))
    }
    return this.ofOffset(0, writtenPath(path))
  }
}
