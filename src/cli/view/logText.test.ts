import { expect, it } from 'vitest'
import { logText } from './logText.ts'

const plain = (line: string) => line
const names = new Map([['s:w1', 's w1, w2']])

it('says where another stage or attempt begins, by its name, and nothing in between', () => {
  const write = logText(names, plain)
  const written = [
    write({ stage: 'p', attempt: 1 }, 'one\n'),
    write({ stage: 'p', attempt: 1 }, 'two\n'),
    write({ stage: 's:w1', attempt: 1 }, 'three\n'),
    write({ stage: 's:w1', attempt: 2 }, 'four\n'),
  ]
  expect(written.join('')).toBe('── p\none\ntwo\n── s w1, w2\nthree\n── s w1, w2, attempt 2\nfour\n')
})

it('a heading stands on a line of its own, also where a line was cut', () => {
  const write = logText(names, plain)
  expect(write({ stage: 'p', attempt: 1 }, 'half') + write({ stage: 'q', attempt: 1 }, 'other\n')).toBe(
    '── p\nhalf\n── q\nother\n',
  )
})

it('there is no heading over nothing', () => {
  expect(logText(names, plain)({ stage: 'p', attempt: 1 }, '')).toBe('')
})
