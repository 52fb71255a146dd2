import { execFileSync } from 'node:child_process'
import { pythonFolder } from '../../src/hosts/pythonArchive.ts'

/** The package for hosts, run on this machine: what its functions do with what a test makes up. */

const prelude = `import json, sys
sys.dont_write_bytecode = True
sys.path.insert(0, ${JSON.stringify(pythonFolder)})`

/** What lines of Python print as JSON; `json` and `sys` are at hand. */
export function printedBy(lines: string, input = '', environment: NodeJS.ProcessEnv = {}): unknown {
  const options = { input, encoding: 'utf8', env: { PATH: process.env['PATH'], ...environment } } as const
  return JSON.parse(execFileSync('python3', ['-I', '-S', '-c', `${prelude}\n${lines}`], options))
}

/** What one of its programs says of these arguments. */
export const told = (module: string, given: unknown, environment: NodeJS.ProcessEnv = {}): unknown =>
  printedBy(`import ${module}; ${module}.main()`, JSON.stringify(given), environment)
