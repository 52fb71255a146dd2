import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach } from 'vitest'
import { probeParts } from '../../src/distributions/rke2/host/observe.ts'
import { remoteProgram } from '../../src/hosts/python.ts'

/** Parts of the probe, run on this machine against folders and facts that a test makes up. */

const parts = remoteProgram(...probeParts).replace(/\nmain\(\)\s*$/, '\n')

/** What a Python expression gives after the lines before it, with the probe's functions at hand. */
export function ask(expression: string, ...before: readonly string[]): unknown {
  const script = [parts, ...before, `print(json.dumps(${expression}))`].join('\n')
  return JSON.parse(execFileSync('python3', ['-I', '-S', '-'], { input: script, encoding: 'utf8' }))
}

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
