import { expect, it } from 'vitest'
import { whatNow } from './copy.ts'

it.each([
  ['to', 'embedded', 'with this URL in DATABASE_URL. The embedded database is as it was'],
  ['to', 'server', 'with this URL in DATABASE_URL. The database that DATABASE_URL named until now is as it was'],
  ['from', 'embedded', 'without DATABASE_URL. The database of the URL is as it was'],
  ['from', 'server', 'with DATABASE_URL as it is. The database of the URL is as it was'],
] as const)('after a copy %s a server, from a database that is %s, it says which one is left as it was', (...given) => {
  const [direction, own, words] = given
  expect(whatNow(direction, own)).toContain(words)
})
