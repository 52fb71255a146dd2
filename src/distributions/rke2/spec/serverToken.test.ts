import { expect, it } from 'vitest'
import { faultIn } from './file/written.fixture.ts'
import { readServerToken } from './serverToken.ts'

const hash = 'a1'.repeat(32)

it.each([
  ['abc123', 'abc123'],
  ['  abc123 \r\n\n', 'abc123'],
  ['\ufeffabc123', 'abc123'],
  [`K10${hash}::server:s3cret`, 's3cret'],
  [`K10${hash.toUpperCase()}::server:with:colon\n`, 'with:colon'],
  ['K10::server:x', 'x'],
  ['ABCDEF.0123456789abcdef', 'ABCDEF.0123456789abcdef'],
])('the token in %j is %j', (contents, token) => {
  expect(readServerToken(contents)).toEqual({ ok: true, value: token })
  expect(faultIn('token', new TextEncoder().encode(contents))).toBeNull()
})

it.each([
  ['abcdef.0123456789abcdef', 'bootstrap token'],
  [`K10${hash}::server:abcdef.0123456789abcdef`, 'bootstrap token'],
  [`K10${hash}::node:x`, 'not one of a server'],
  [`K10${hash}::server:`, 'not one of a server'],
  ['K10abc', 'not one of a server'],
  [`K10${'a'.repeat(63)}::server:x`, 'not one of a server'],
  ['::server:x', 'it holds ::'],
  ['a b', 'blanks'],
  ['one\ntwo', 'several lines'],
  ['', 'empty'],
  [' \n ', 'empty'],
  ['a\u0007b', 'control characters'],
])('%j is refused', (contents, message) => {
  const read = readServerToken(contents)
  expect(read.ok ? 'taken' : read.fault.message).toContain(message)
  expect(faultIn('token', new TextEncoder().encode(contents))).not.toBeNull()
})
