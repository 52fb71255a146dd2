import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { refuseOwnBackend } from './ownBackend.ts'

async function refused(name: string, text: string): Promise<string | null> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-module-'))
  try {
    await writeFile(join(folder, name), text)
    await refuseOwnBackend(folder, '/own/module')
    return null
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  } finally {
    await rm(folder, { recursive: true })
  }
}

it.each([
  ['main.tf', 'terraform {\n  required_version = ">= 1"\n  backend "s3" {}\n}', 'backend'],
  ['main.tofu', 'terraform { backend "s3" {} }', 'backend'],
  ['main.tf', 'terraform {\n  required_providers {\n    a = { source = "a/a" }\n  }\n  cloud {\n  }\n}', 'cloud'],
  ['main.tf.json', '{"terraform": {"backend": {"s3": {}}}}', 'backend'],
  ['main.tf.json', '{"terraform": [{}, {"cloud": {}}]}', 'cloud'],
])('%s with %s is refused', async (name, text, kind) => {
  expect(await refused(name, text)).toBe(
    `/own/module/${name} names a ${kind} of its own for its state, which Slipway keeps for every machine`,
  )
})

it.each([
  ['main.tf', '# terraform { backend "s3" {} }\nterraform {\n  /* backend "s3" {} */\n}'],
  ['main.tf', 'resource "a" "b" {\n  backend "x" {}\n}\nlocals { cloud = { a = 1 } }'],
  ['main.tf', 'terraform {\n  required_providers {\n    cloud = { source = "a/cloud" }\n  }\n}'],
  ['main.tf.json', 'no JSON'],
  ['notes.txt', 'terraform { backend "s3" {} }'],
])('%s with %s is none', async (name, text) => {
  expect(await refused(name, text)).toBeNull()
})
