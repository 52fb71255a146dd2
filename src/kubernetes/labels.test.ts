import { expect, test } from 'vitest'
import { labelSelector } from './labels.ts'

test('a selector asks for all of the labels', () => {
  expect(labelSelector({ app: 'db', role: 'primary' })).toBe('app=db,role=primary')
  expect(labelSelector({})).toBe('')
})
