import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, expect, it, onTestFinished, vi } from 'vitest'
import {
  findPython,
  makeEnvironment,
  presentEnvironment,
} from '../../src/distributions/kubespray/source/environment.ts'
import { temporaryFolder } from '../../src/temporaryFolder.fixture.ts'

/** Environments are made of wheels in a folder: no package index is asked. */
const doing = { signal: new AbortController().signal, marker: {} }
let folder: string
beforeEach(() => {
  folder = temporaryFolder()
  vi.stubEnv('XDG_CACHE_HOME', join(folder, 'cache'))
  vi.stubEnv('SLIPWAY_KUBESPRAY_WHEELS', folder)
  onTestFinished(() => void vi.unstubAllEnvs())
})
const environments = () => {
  const place = join(folder, 'cache/slipway/kubespray/environments')
  return existsSync(place) ? readdirSync(place).filter(name => name !== '.lock') : []
}

const requirements = 'ansible-core==2.18.99\n'

/** A wheel of that ansible-core, which says that it is of this version. */
function writeWheel(version: string): void {
  const script = `
import sys, zipfile
folder, told = sys.argv[1:]
version = "2.18.99"
name = "ansible_core-%s" % version
with zipfile.ZipFile("%s/%s-py3-none-any.whl" % (folder, name), "w") as wheel:
    wheel.writestr("ansible/__init__.py", "")
    wheel.writestr("ansible/release.py", "__version__ = '%s'" % told)
    wheel.writestr(name + ".dist-info/METADATA", "Metadata-Version: 2.1\\nName: ansible-core\\nVersion: %s\\n" % version)
    wheel.writestr(name + ".dist-info/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
    wheel.writestr(name + ".dist-info/RECORD", "")
`
  execFileSync('python3', ['-c', script, folder, version])
}

it('is made of a folder with wheels, counts only when it is whole, and of another ansible-core it is refused', async () => {
  writeWheel('2.17.1')
  expect(await presentEnvironment(requirements)).toBe(null)
  await expect(makeEnvironment(requirements, doing)).rejects.toMatchObject({
    code: 'playbooks-unusable',
    message: expect.stringMatching(/bring ansible-core 2\.17\.1, and this Slipway runs it with 2\.18/),
  })
  expect([await presentEnvironment(requirements), environments().length]).toEqual([null, 1])
  writeWheel('2.18.99')
  const made = await makeEnvironment(requirements, doing)
  expect(await presentEnvironment(requirements)).toEqual(made)
  expect(
    execFileSync(made.python, ['-c', 'import ansible.release as r; print(r.__version__)'], { encoding: 'utf8' }),
  ).toBe('2.18.99\n')
}, 60_000)

it('a Python that cannot be used is told by its name', async () => {
  vi.stubEnv('SLIPWAY_KUBESPRAY_PYTHON', '/bin/false')
  await expect(findPython()).rejects.toMatchObject({
    code: 'tool-missing',
    message: expect.stringContaining('/bin/false'),
  })
})
