import { spawnSync } from 'node:child_process'
import { expect } from 'vitest'
import { builtProgram } from '../builtProgram.ts'

/** The program that opens a data folder in a process of its own; its argument is `converting.ts`'s. */
export const opening = [process.execPath, builtProgram('converting.js')]

/** Each line that a command writes, as JSON: one of an opening says what became of it. */
export function linesOf([command = '', ...rest]: readonly string[]): unknown[] {
  const { stdout, stderr, status } = spawnSync(command, rest, { encoding: 'utf8' })
  expect({ stderr, status }, stdout).toEqual({ stderr: '', status: 0 })
  return stdout
    .trim()
    .split('\n')
    .map(line => JSON.parse(line))
}
