import { expect, test } from 'vitest'
import { helmOwner, isSameRelease, ownerAnnotations } from './owner.ts'

const object = (annotations?: Readonly<Record<string, string>>) => ({
  metadata: { name: 'web', uid: 'u', resourceVersion: '1', ...(annotations && { annotations }) },
})
const web = { namespace: 'shop', name: 'web' }

test('an object is of the release that its annotations name', () => {
  expect(helmOwner(object(ownerAnnotations(web)))).toEqual(web)
  expect(helmOwner(object({ note: 'by hand' }))).toBeNull()
  expect(helmOwner(object())).toBeNull()
})

test('a release of the same name in another namespace is another one', () => {
  expect(isSameRelease(web, { ...web })).toBe(true)
  expect(isSameRelease({ ...web, namespace: 'till' }, web)).toBe(false)
  expect(isSameRelease(null, web)).toBe(false)
})
