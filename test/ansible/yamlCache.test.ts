import { execFile } from 'node:child_process'
import { chmod, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { ansibleFolder, findAnsible } from '../../src/ansible/tools.ts'
import { temporaryFolder } from '../store/temporaryFolder.ts'

const run = promisify(execFile)
let folder: string
beforeEach(() => {
  folder = temporaryFolder('yaml')
})
afterEach(async () => {
  await chmod(folder, 0o700)
  await rm(folder, { recursive: true })
})

/** What Ansible reads of its own settings, with their values, and of the names that its plugins had. */
async function settings(cache: string | null): Promise<unknown> {
  const { python } = await findAnsible()
  const program = [
    'import sys, json',
    `sys.path.append(${JSON.stringify(ansibleFolder)})`,
    ...(cache === null ? [] : ['import yaml_cache', `yaml_cache.keep_in(${JSON.stringify(cache)})`]),
    'from ansible import cli, constants',
    'cli.init_plugin_loader()',
    'from ansible.utils.collection_loader._collection_finder import _get_collection_metadata',
    'print(json.dumps([constants.config._base_defs, _get_collection_metadata("ansible.builtin")], sort_keys=True, default=str))',
  ].join('\n')
  const { stdout } = await run(python, ['-I', '-B', '-c', program], { maxBuffer: 64 * 1024 * 1024 })
  return JSON.parse(stdout)
}

it('what is kept of the files of Ansible says what they say, also when it was damaged', async () => {
  const cache = join(folder, 'cache')
  const right = await settings(null)
  expect(await settings(cache)).toEqual(right)
  const kept = await readdir(cache)
  expect(kept.length).toBeGreaterThanOrEqual(2)
  expect(await settings(cache)).toEqual(right)
  expect(await readdir(cache)).toEqual(kept)
  const contents = await Promise.all(kept.map(name => readFile(join(cache, name))))
  for (const name of kept) await writeFile(join(cache, name), 'cut off')
  expect(await settings(cache)).toEqual(right)
  expect(await Promise.all(kept.map(name => readFile(join(cache, name))))).toEqual(contents)
})

it('a cache that cannot be made is no error', async () => {
  await writeFile(join(folder, 'file'), '')
  expect(await settings(join(folder, 'file/cache'))).toEqual(await settings(null))
})
