import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { temporaryFolder } from '../temporaryFolder.fixture.ts'
import { initConditions } from './conditions.ts'

const tool = { path: '/usr/bin/tofu', name: 'OpenTofu', version: '1.12.6' } as const
type Root = Parameters<typeof initConditions>[1]
const root: Root = { settings: {}, state: null }
const stateOf = (...providers: readonly string[]): Root => ({
  ...root,
  state: JSON.stringify({ resources: providers.map(provider => ({ provider })) }),
})
const plain = 'resource "terraform_data" "place" {\n  input = "${path.module}/place"\n}\n'

let folder: string
let mirror: string
beforeEach(async () => {
  folder = temporaryFolder()
  mirror = join(folder, 'mirror')
  await mkdir(join(mirror, 'registry.example/lab/lab/1.0.0'), { recursive: true })
  await writeFile(join(folder, 'main.tf'), plain)
  vi.stubEnv('SLIPWAY_TERRAFORM_PLUGINS', mirror)
})
afterEach(() => void vi.unstubAllEnvs())

const conditions = (of = root, by = tool) => initConditions(folder, of, by, null)

it('are the same for machines that differ in variables and in what was made of them only', async () => {
  const first = await conditions(stateOf('a'))
  await writeFile(join(folder, 'slipway.auto.tfvars.json'), '{"name":"w2"}')
  expect(first).not.toBeNull()
  expect(await conditions(stateOf('a', 'a'))).toBe(first)
})

it('are others for another module, tool, configuration, setting, provider of the state, or version in the mirror', async () => {
  const configuration = join(folder, 'tofurc')
  await writeFile(configuration, 'disable_checkpoint = true\n')
  const seen = [
    await conditions(),
    await conditions(stateOf('a')),
    await conditions({ ...root, settings: { TOKEN: 'other' } }),
    await initConditions(folder, root, { ...tool, version: '1.13.0' }, null),
    await initConditions(folder, root, tool, configuration),
  ]
  await mkdir(join(mirror, 'registry.example/lab/lab/1.0.1'))
  seen.push(await conditions())
  await writeFile(join(folder, 'more.tf'), '')
  seen.push(await conditions())
  expect(new Set(seen).size).toBe(7)
})

it.each([
  ['module', 'module "net" {\n  source = var.source\n}'],
  ['backend', 'terraform { backend "s3" {} }'],
  ['cloud', 'terraform {\n  cloud {\n  }\n}'],
  ['encryption', 'terraform { encryption{} }'],
])('there are none for a %s of its own: init is done in each folder', async (_block, text) => {
  await writeFile(join(folder, 'own.tf'), text)
  expect(await conditions()).toBeNull()
})

it('there are none for a module that is written as JSON', async () => {
  await writeFile(join(folder, 'own.tf.json'), '{"terraform":{"backend":{"s3":{}}}}')
  expect(await conditions()).toBeNull()
})
