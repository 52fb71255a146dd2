import { readdir, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { catalogue } from '../domain/errors.ts'
import { explain as explainIn, explanationsOf, nearestName as nearestIn } from '../domain/explanations.ts'
import { findings } from './index.ts'

const explanations = explanationsOf(findings)
const explain = (word: string) => explainIn(findings, word)
const nearestName = (word: string) => nearestIn(findings, word)

it('every error code and every finding has one explanation, with what to do', () => {
  expect(new Set(explanations.map(({ name }) => name)).size).toBe(Object.keys(catalogue).length + findings.entries.size)
  for (const { name, title, remedy } of explanations) {
    expect(name).toMatch(/^[a-z]+(-[a-z]+)*$/)
    expect(title, name).toMatch(/^\S.*[^.]$/)
    expect(remedy, name).toMatch(/^\S.{7,}[.]$/)
    expect(explain(name)).toMatchObject({ name, title, remedy })
  }
})

it.each([
  ['member-without-data', 'finding', 'member of the cluster'],
  ['bootstrap-spent', 'error', 'bootstrap'],
  ['disk-full', 'finding', 'room'],
  ['key-file-exposed', 'finding', 'secret'],
  ['host-key-changed:m1', 'error', 'another key'],
  ['unreachable:w4', 'error', 'cannot be reached'],
  ['host-key-changed:jump_2001:db8::1_22', 'error', 'another key'],
])('%s is explained', (word, kind, title) => {
  expect(explain(word)).toMatchObject({ kind, title: expect.stringContaining(title) })
})

it.each(['toString', 'constructor', '', ':m1', 'no-such-name'])('%s is the name of nothing', word => {
  expect(explain(word)).toBe(null)
})

it.each([
  ['disk-ful', 'disk-full'],
  ['member-without-date', 'member-without-data'],
  ['host-key-chnged:m1', 'host-key-changed'],
])('%s was meant to be %s', (word, meant) => {
  expect(nearestName(word)).toBe(meant)
})

it('what can be accepted is a warning that stands in the way, and nothing else is', () => {
  const can = explanations.filter(entry => entry.kind === 'finding' && entry.accept === entry.name)
  expect(can.map(({ name }) => name)).toEqual(findings.acceptable)
  expect(can).toEqual(can.map(entry => ({ ...entry, severity: 'warning', blocks: true })))
})

describe('what the sources print', async () => {
  const sources = await sourcesBelow(resolve(import.meta.dirname, '..'), resolve(import.meta.dirname, '../../ansible'))
  const told = sources.flatMap(text => [...text.matchAll(/--accept ([a-z][a-z-]+)|explain ([a-z][a-z-]+)/g)])

  it.each([...new Set(told.map(([, accepted, explained]) => accepted ?? explained ?? ''))])('%s is known', word => {
    expect(explain(word)).not.toBe(null)
  })

  it('makes no finding of a name that the compiler does not see', () => {
    const cast = sources.filter(text => /\bas (FindingName|FindingKey|AcceptableWarning|Finding)\b/.test(text))
    expect(cast).toEqual([])
  })
})

async function sourcesBelow(...folders: string[]): Promise<string[]> {
  const files = await Promise.all(
    folders.map(async folder => {
      const entries = await readdir(folder, { recursive: true, withFileTypes: true })
      return entries
        .filter(entry => entry.isFile() && /\.(ts|py)$/.test(entry.name) && !entry.name.endsWith('.test.ts'))
        .map(entry => join(entry.parentPath, entry.name))
    }),
  )
  return Promise.all(files.flat().map(file => readFile(file, 'utf8')))
}
