import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, it } from 'vitest'
import { filesAtOnce } from '../suite/filesAtOnce.ts'
import { alone, expectedTime, knownFiles } from '../suite/order.ts'

/** How the files of tests share the machine. */

const root = resolve(import.meta.dirname, '../..')
const gigabytes = (count: number) => count * 1024 ** 3

it.each([...alone, ...knownFiles])('%s, which the order names, exists', file => {
  expect(existsSync(join(root, file))).toBe(true)
})

it('files begin by what they took last time, else by what is known, and an unknown one with a lab early', () => {
  const files = ['src/a.test.ts', 'test/cli/new.test.ts', 'test/install/new.test.ts', 'test/rke2/cluster.test.ts']
  const order = (remembered: Readonly<Record<string, number>>) =>
    files.toSorted((one, other) => expectedTime(other, remembered[other]) - expectedTime(one, remembered[one]))
  expect(order({})).toEqual(files.toReversed())
  expect(order({ 'test/cli/new.test.ts': 300, 'test/rke2/cluster.test.ts': 0.5 })).toEqual([
    'test/cli/new.test.ts',
    'test/install/new.test.ts',
    'src/a.test.ts',
    'test/rke2/cluster.test.ts',
  ])
})

it.each([
  ['two processors', 2, 24, 3],
  ['two processors and little memory', 2, 4, 1],
  ['hardly any memory', 2, 1, 1],
  ['many processors', 8, 64, 9],
])('with %s as many files run side by side as keep them busy', (_, processors, memory, count) => {
  expect(filesAtOnce('', processors, gigabytes(memory))).toBe(count)
})

it('the number of files is the one that was asked for, or an error', () => {
  expect(filesAtOnce('1', 8, gigabytes(64))).toBe(1)
  expect(filesAtOnce('12', 2, gigabytes(1))).toBe(12)
  for (const wrong of ['0', '-1', 'two', '1.5', '100']) expect(() => filesAtOnce(wrong)).toThrow('from 1 to 99')
})
