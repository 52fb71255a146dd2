import { expect, it } from 'vitest'
import { isErrorCode } from './errors.ts'

it.each(['internal', 'host-unreachable'])('%s is a code of the catalogue', code => {
  expect(isErrorCode(code)).toBe(true)
})

it.each(['toString', 'constructor', '', undefined])('%s is no code', code => {
  expect(isErrorCode(code)).toBe(false)
})
