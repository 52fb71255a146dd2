import fc from 'fast-check'
import { expect, it } from 'vitest'
import { fold } from './fold.ts'

it('a line that fits stays as it is', () => {
  expect(fold('  error node w2: it is down', 27)).toBe('  error node w2: it is down')
})

it('a longer one is broken between words, and goes on further in', () => {
  expect(fold('  error node w2: it is down and out', 20)).toBe('  error node w2: it\n    is down and out')
})

it('colours take no room', () => {
  expect(fold('\u001b[31merror\u001b[39m node w2', 13)).toBe('\u001b[31merror\u001b[39m node w2')
})

it('a word that is longer than the line is left whole', () => {
  expect(fold('see https://example.org/a/long/path now', 12)).toBe('see\n  https://example.org/a/long/path\n  now')
})

it('never loses a word, and no line is too long that could be broken', () => {
  const words = fc.array(fc.stringMatching(/^[a-z]{1,12}$/), { minLength: 1 })
  fc.assert(
    fc.property(words, fc.integer({ min: 20, max: 100 }), (list, columns) => {
      const folded = fold(list.join(' '), columns)
      expect(folded.split(/\s+/).filter(Boolean)).toEqual(list)
      expect(folded.split('\n').every(line => line.length <= columns)).toBe(true)
    }),
  )
})
