import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { pythonFolder } from '../../src/hosts/pythonArchive.ts'
import { playSecrets } from './secretsPlay.ts'
import { startTrustedSshd, type TestSshd } from './sshd.ts'

/** A task whose output is hidden says why it could not run, and not a word of what it was given. */

const canary = 'canary-77aa-secret'
let sshd: TestSshd
beforeAll(async () => {
  sshd = await startTrustedSshd()
})
afterAll(() => sshd[Symbol.asyncDispose]())

/** The error of a hidden task of rke2_files whose interpreter is this script; null when it went well. */
async function errorWith(name: string, script: string | null, environment: Readonly<Record<string, string>> = {}) {
  const python = join(sshd.directory, name)
  if (script !== null) writeFileSync(python, `#!/bin/sh\n${script}\n`, { mode: 0o755 })
  const ssh = { user: sshd.user, port: sshd.port }
  const nodes = [{ hostname: 'w1', internal_ip: '127.0.0.1', role: 'worker' as const, ssh }]
  const fence = environment['SLIPWAY_FENCE']
  const { hosts, log } = await playSecrets(sshd, nodes, {
    variables: { common: { secret: canary, folder: sshd.directory, hidden: true } },
    python: fence ? `/usr/bin/env SLIPWAY_FENCE=${fence} ${python}` : python,
  })
  const error = hosts[0]?.error
  expect(`${log} ${error?.message}`).not.toContain('canary')
  return { code: error?.code, message: error?.message.replace('w1: Write a secret: ', '') }
}

const crash = (line: string) =>
  `cat >/dev/null; echo "Traceback (most recent call last): ${canary}" >&2; echo "${line}" >&2; exit 1`

test.each([
  [
    'full',
    "FileNotFoundError: [Errno 2] No usable temporary directory found in ['/tmp', '/root']",
    'no space left on the host’s disk; nothing was changed by this task',
  ],
  [
    'written',
    'OSError: [Errno 28] No space left on device',
    'no space left on the host’s disk; nothing was changed by this task',
  ],
  ['barred', '/bin/sh: 1: /usr/bin/python3: Permission denied', '/usr/bin/python3: Permission denied'],
])('a crash because it is %s is told', async (name, line, told) => {
  expect(await errorWith(name, crash(line))).toEqual({ code: 'playbook-failed', message: told })
})

test('a crash for another reason stays hidden', async () => {
  const { code, message } = await errorWith('other', crash(`ValueError: ${canary} is no number`))
  expect(code).toBe('playbook-failed')
  expect(message).toContain('the output has been hidden')
})

test('an interpreter that is not there is told', async () => {
  const { message } = await errorWith('none', null)
  expect(message).toMatch(/\/none: (not found|No such file or directory)/)
})

test('a Python that is too old is told', async () => {
  const old = 'import sys; sys.version_info = (3, 6, 8); code = sys.argv[4]; sys.argv = sys.argv[4:]; exec(code)'
  const { message } = await errorWith('old', `exec python3 -c '${old}' "$@"`)
  expect(message).toBe("Slipway's tasks need Python 3.8 or newer. Current version: 3.6.8")
})

test('a fence that refuses says why', async () => {
  const wrapper = readFileSync(join(pythonFolder, 'slipway/interpreter.sh'), 'utf8')
    .replaceAll('@DIRECTORY@', join(sshd.directory, 'no-fence'))
    .replaceAll('@PYTHON@', '/usr/bin/python3')
  const refused = await errorWith('fence', wrapper, { SLIPWAY_FENCE: '1.1@i/demo' })
  expect(refused).toEqual({ code: 'fence-refused', message: 'this host has no fence' })
})
