import { execFileSync } from 'node:child_process'
import { join, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '..')
let isBuilt = false

/** A program of `scripts/build tests`, from the sources as they are. Tests start some a hundred times. */
export function builtProgram(name: string): string {
  if (!isBuilt) execFileSync(join(root, 'scripts/build'), ['tests'])
  isBuilt = true
  return join(root, 'dist/tests', name)
}
