import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { z } from 'zod'
import { machineStatePurpose } from '../../src/store/machines.ts'
import { openYard, type Yard } from './yard.ts'

/** What cannot be done is refused in clear words, with nothing half-made; or what was made is named and destroyable. */
let yard: Yard
let own: string
beforeAll(async () => {
  own = await mkdtemp(join(tmpdir(), 'slipway-own-providers-'))
  await ownProvider('broken-module', { 'main.tf': 'resource "terraform_data" {' })
  await ownProvider('silent', { 'main.tf': 'resource "terraform_data" "it" {}\n' })
  await ownProvider('unknown-plugin', { 'main.tf': 'resource "nobody_machine" "it" {}\n' })
  await ownProvider('gone', {})
  await ownProvider('wrong', { 'provider.yaml': 'title: 3\nmodules: .\n' })
  await mkdir(join(own, 'mirror'))
  yard = await openYard(4, {
    SLIPWAY_PROVIDERS: `${import.meta.dirname}:${own}`,
    SLIPWAY_TERRAFORM_PLUGINS: join(own, 'mirror'),
  })
  await yard.serve()
  await rm(join(own, 'gone'), { recursive: true })
})
afterAll(async () => {
  await yard?.[Symbol.asyncDispose]()
  await rm(own, { recursive: true, force: true })
})

async function ownProvider(name: string, files: Readonly<Record<string, string>>): Promise<void> {
  await mkdir(join(own, name))
  await writeFile(join(own, name, 'provider.yaml'), `title: ${name}\n`)
  for (const [file, text] of Object.entries(files)) await writeFile(join(own, name, file), text)
}

const anything = z.unknown()
const spec = (over: object) => yard.start('m9', 'create', { spec: { ...over } })
const folders = (over: object) => ({ yard: yard.folder, address: '127.9.0.9', ...over })

it.each([
  [
    'a size that says two things',
    { provider: 'folders', memory: '4 GB', folders: {} },
    /4 GB is not written as a size/,
  ],
  ['no CPU', { provider: 'folders', cpus: 0, folders: {} }, /a machine has one CPU at least/],
  ['an unknown provider', { provider: 'nobody' }, /there is no provider .*nobody.*Name one of: .*folders/s],
  ['an unknown setting', { provider: 'folders', folders: { colour: 'red' } }, /colour is no setting here/],
  ['no key', { provider: 'folders', folders: 'set' }, /nobody could log in to it without a key/],
])('%s is refused before anything is stored', async (_what, given, words) => {
  const whole = { ...given, ...('folders' in given && given.folders === 'set' && { folders: folders({}) }) }
  await expect(spec(whole)).rejects.toThrow(words)
  await expect(yard.get('/machines/m9', anything)).rejects.toThrow(/there is no machine m9/)
})

it.each([
  ['of another word', 'two words'],
  ['with a dot', 'a.b'],
  ['with a slash', 'a/b'],
  ['of 300 characters', 'a'.repeat(300)],
  ['that inventories use', 'localhost'],
])('a name %s is refused', async (_what, name) => {
  await expect(yard.start(encodeURIComponent(name), 'create')).rejects.toThrow(/usage/)
})

it.each([
  ['with an error', 'broken-module', /main\.tf|Invalid resource|block/],
  ['whose plugin the mirror does not have', 'unknown-plugin', /nobody/],
  ['that is gone', 'gone', /the folder of the Terraform module is not there/],
])('a module %s is told in the words of OpenTofu, and nothing is made', async (_what, provider, words) => {
  await expect(yard.start('m9', 'create', yard.wish('m9', { provider }))).rejects.toThrow(words)
  await expect(yard.get('/machines/m9', anything)).rejects.toThrow(/there is no machine m9/)
})

it('a module that tells no address: what was made is named, and can be destroyed', async () => {
  expect(await yard.done('m9', 'create', yard.wish('m9', { provider: 'silent' }))).toBe('failed')
  const shown = await yard.get('/machines/m9', anything)
  expect(shown).toMatchObject({
    status: 'failed',
    last_error: expect.stringContaining('tells no address'),
    resources: ['terraform_data.it'],
  })
  expect(await yard.done('m9', 'destroy')).toBe('completed')
})

it('a machine that does not answer in its time, and one at the address of another, are told as such', async () => {
  expect(await yard.done('m1', 'create')).toBe('completed')
  // Whoever is at its address is somebody else.
  yard.put('m3', 'silent')
  expect(await yard.done('m3', 'create', yard.wish('m3', { ready_timeout_s: 3 }))).toBe('failed')
  expect(await yard.get('/machines/m3', anything)).toMatchObject({
    last_error: expect.stringMatching(/does not let root in at 127\.9\.0\.3 after 3 s; seen last: ./),
  })
  yard.put('m4', 'silent')
  expect(await yard.done('m4', 'create', yard.wish('m4', { address: '127.9.0.1' }))).toBe('failed')
  expect(await yard.get('/machines/m4', anything)).toMatchObject({
    last_error: 'machine m4 has the address 127.9.0.1, which machine m1 has on record',
  })
  for (const name of ['m3', 'm4']) expect(await yard.done(name, 'destroy')).toBe('completed')
})

it.each([
  ['no JSON', 'rubbish', /is damaged: it is no JSON/],
  ['of a newer format', '{"version": 5}', /has the format 5/],
  ['sealed for another machine', null, /can’t be opened/],
])(
  'a state that is %s stands in the way, and is destroyed without once that is accepted',
  async (_what, text, words) => {
    if ((await yard.states())['m1'] === undefined) expect(await yard.done('m1', 'create')).toBe('completed')
    const sealed = yard.sealer().seal(machineStatePurpose(text === null ? 'm2' : 'm1'), text ?? '{}')
    await yard.query(`UPDATE machine_states SET sealed = $1 WHERE name = 'm1'`, [sealed])
    await expect(yard.get('/machines/m1', anything)).rejects.toThrow(words)
    await expect(yard.start('m1', 'create')).rejects.toThrow(words)
    await expect(yard.start('m1', 'destroy')).rejects.toThrow(/machine-state-lost/)
    expect(await yard.done('m1', 'destroy', { accept: ['machine-state-lost'] })).toBe('completed')
    await expect(yard.get('/machines/m1', anything)).rejects.toThrow(/there is no machine m1/)
  },
)

it('doctor tells the command that makes machines, and what is wrong with providers of the user’s own', async () => {
  const { stdout, code } = await yard.desk.slipway(['doctor'])
  expect(stdout).toMatch(/OpenTofu \d+\.\d+\.\d+ at \//)
  expect(stdout).toMatch(/wrong\/provider\.yaml: .*modules/)
  expect(code).not.toBe(0)
})
