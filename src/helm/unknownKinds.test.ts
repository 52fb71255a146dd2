import { expect, it } from 'vitest'
import { unknownKinds } from './unknownKinds.ts'

const missing = (kind: string, name: string) =>
  `resource mapping not found for name: "${name}" namespace: "" from "": no matches for kind "${kind}" in version "a.test/v1"\nensure CRDs are installed first`
const built = (...errors: string[]) =>
  `Error: UPGRADE FAILED: unable to build kubernetes objects from new release manifest: [${errors.join(', ')}]\n`
const kindsOf = (...kinds: string[]) => kinds.map(kind => ({ kind, apiVersion: 'a.test/v1' }))

it.each([
  [built(missing('A', 'x'), missing('B', 'y'), missing('A', 'z')), kindsOf('A', 'B'), true],
  [`WARNING: the file is readable\nlevel=WARN msg=x\n${built(missing('A', 'x'))}`, kindsOf('A'), true],
  [built(missing('A', 'x'), 'error validating data: b'), kindsOf('A'), false],
  ['Error: execution error at (web/a.yaml:1:1): no', [], false],
  ['', [], false],
])('%j', (stderr, kinds, isAll) => {
  expect(unknownKinds(stderr)).toEqual({ kinds, isAll })
})
