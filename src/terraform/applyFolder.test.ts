import { appendFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { applyFolder, leftState, said, stateFolder } from './applyFolder.ts'

let folder: string
let path: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipway-apply-'))
  path = stateFolder(folder, 'm1')
  await mkdir(path, { recursive: true })
})
afterEach(() => rm(folder, { recursive: true }))

const state = (serial: number, lineage = 'ours', status?: string) => ({
  version: 4,
  terraform_version: '1.12.6',
  serial,
  lineage,
  outputs: {},
  resources: [
    { mode: 'managed', type: 'a', name: 'place', instances: [{ attributes: {} }] },
    {
      mode: 'managed',
      type: 'a',
      name: 'it',
      instances: [{ index_key: 0, ...(status && { status }), attributes: {} }],
    },
  ],
})
const write = (value: unknown) => writeFile(join(path, 'terraform.tfstate'), JSON.stringify(value))
const line = (type: string, addr: string, action = 'create') =>
  `${JSON.stringify({ type, hook: { resource: { addr }, action } })}\n`
const say = (...lines: string[]) => appendFile(join(path, said), lines.join(''))
const left = async (known: unknown = null) => {
  const text = await leftState(folder, {
    workspace: 'm1',
    known: known === null ? null : JSON.stringify(known),
    of: 'machine m1',
  })
  return text === null ? null : JSON.parse(text)
}

it('what was being made when everything was killed counts as tainted, and what was made as whole', async () => {
  await write(state(2))
  await say(line('apply_start', 'a.place'), line('apply_complete', 'a.place'), line('apply_start', 'a.it[0]'))
  expect(await left()).toEqual(state(2, 'ours', 'tainted'))
  await say(line('apply_complete', 'a.it[0]'))
  expect(await left()).toEqual(state(2))
})

it('is heard in pieces, wherever a line is cut', async () => {
  const heard = applyFolder(folder, 'm1')
  const whole = line('apply_start', 'a.it[0]')
  await say(whole.slice(0, 20))
  expect(await heard.heard()).toEqual([])
  await say(whole.slice(20))
  expect(await heard.heard()).toHaveLength(1)
  expect([...heard.messages.making]).toEqual(['a.it[0]'])
})

it.each([
  ['that is older than what is on record', state(1), state(2)],
  ['of another machine', state(9, 'theirs'), state(2)],
  ['that is what is on record', state(2), state(2)],
])('a state %s is nothing that was left', async (_what, found, known) => {
  await write(found)
  expect(await left(known)).toBeNull()
})

it('a state that was cut off in the middle of its writing, or that is not there, is nothing that was left', async () => {
  expect(await left()).toBeNull()
  await writeFile(join(path, 'terraform.tfstate'), JSON.stringify(state(2)).slice(0, 50))
  expect(await left(state(1))).toBeNull()
})
