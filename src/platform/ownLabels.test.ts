import { expect, test } from 'vitest'
import { isOwn, ownLabels } from './ownLabels.ts'

const own = ownLabels({ installation: '6d1f' })

test.each([
  ['has its labels', { labels: own }, true],
  ['has its labels and more', { labels: { ...own, app: 'web' } }, true],
  ['is of another installation', { labels: ownLabels({ installation: '7e20' }) }, false],
  ['has other labels', { labels: { app: 'web' } }, false],
  ['has no labels', {}, false],
])('whether it is of this installation: it %s', (_what, object, expected) => {
  expect(isOwn(object, own)).toBe(expected)
})
