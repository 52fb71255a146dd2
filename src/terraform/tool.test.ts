import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { findTerraform } from './tool.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipway-terraform-tool-'))
})
afterAll(() => rm(folder, { recursive: true }))

const remedy = expect.stringMatching(/Install OpenTofu 1\.6 or later \(or Terraform 1\.5 or later\).*SLIPWAY_TERRAFORM/)

/** The environment in which this is the only such program. */
async function only(name: string, lines: string): Promise<NodeJS.ProcessEnv> {
  await writeFile(join(folder, name), `#!/bin/sh\n${lines}\n`, { mode: 0o755 })
  return { PATH: folder, XDG_CACHE_HOME: join(folder, 'cache') }
}
const telling = (name: string, version: string) =>
  `case "$*" in *-json) echo '{"terraform_version": "${version}"}' ;; *) echo '${name} v${version}' ;; esac`

it('is told with what to install where there is none', async () => {
  const nothing = { PATH: join(folder, 'none'), XDG_CACHE_HOME: join(folder, 'cache') }
  await expect(findTerraform(nothing)).rejects.toMatchObject({ code: 'tool-missing', remedy })
  const named = { ...nothing, SLIPWAY_TERRAFORM: join(folder, 'missing') }
  await expect(findTerraform(named)).rejects.toMatchObject({
    code: 'tool-missing',
    message: `${join(folder, 'missing')}: it can’t be started`,
    remedy,
  })
})

it.each([
  ['OpenTofu', 'tofu', '1.5.9', /OpenTofu 1\.5\.9 is there, 1\.6 or later is needed/],
  ['Terraform', 'terraform', '1.4.0', /Terraform 1\.4\.0 is there, 1\.5 or later is needed/],
  ['something else', 'terraform', 'x', /is it OpenTofu or Terraform\?/],
])(
  '%s that is too old, or none of the two, is refused with what to install',
  async (name, program, version, message) => {
    const environment = await only(program, telling(name, version))
    await expect(findTerraform(environment)).rejects.toMatchObject({
      code: 'tool-missing',
      message: expect.stringMatching(message),
      remedy,
    })
    await rm(join(folder, program))
  },
)

it.each([
  ['OpenTofu', 'tofu', '1.6.0'],
  ['Terraform', 'terraform', '1.5.0'],
  ['Terraform', 'terraform', '2.0.0'],
])('%s is taken from its oldest version on', async (name, program, version) => {
  const environment = await only(program, telling(name, version))
  expect(await findTerraform(environment)).toEqual({ path: join(folder, program), name, version })
  await rm(join(folder, program))
})
