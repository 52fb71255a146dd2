import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach } from 'vitest'
import { printedBy } from './hostPython.ts'

/** Parts of the package for hosts, run on this machine against folders and facts that a test makes up. */

/** What an expression of a module gives after lines that change the module. */
export const ask = (module: string, expression: string, ...before: readonly string[]): unknown =>
  printedBy(
    `import importlib
given = json.load(sys.stdin)
names = vars(importlib.import_module(given["module"]))
for line in given["before"]:
    exec(line, names)
print(json.dumps(eval(given["expression"], names)))`,
    JSON.stringify({ module, expression, before }),
  )

/** A folder for each test of the file. */
export let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'slipway-remote-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

/** Writes a file into the folder, with the folders above it; gives its path. */
export function place(path: string, content = ''): string {
  mkdirSync(dirname(join(folder, path)), { recursive: true })
  writeFileSync(join(folder, path), content)
  return join(folder, path)
}
