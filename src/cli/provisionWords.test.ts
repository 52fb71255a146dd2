import { expect, it } from 'vitest'
import { readProvisionWords } from './provisionWords.ts'

it.each([
  [[], {}],
  [['4096'], { memory: '4096' }],
  [['4096', '2'], { memory: '4096', cpus: '2' }],
  [['admin'], { user: 'admin' }],
  [['jane.doe', '4096', '2'], { user: 'jane.doe', memory: '4096', cpus: '2' }],
])('%j is read', (words, meant) => {
  expect(readProvisionWords(words)).toEqual(meant)
})

it.each([
  [['4 GB', '2']],
  [['4GB']],
  [['0', '2']],
  [['4096', 'two']],
  [['4096', '2', '3']],
  [['admin', '4096', '2', '3']],
  [['-4']],
  [['']],
])('%j is refused', words => {
  expect(() => readProvisionWords(words)).toThrow(expect.objectContaining({ code: 'usage' }))
})
