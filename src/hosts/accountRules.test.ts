import { expect, it } from 'vitest'
import { loginRefusal } from './loginRefusals.ts'
import { sudoError } from './sudoErrors.ts'

it.each([
  ['Your account has expired; please contact your system administrator.', 'the account of admin has expired'],
  ['Account expired or PAM config lacks an "account" section', 'the account of admin has expired'],
  ['Your password is no longer valid', 'the password of admin has expired'],
  ['passwd: Authentication token manipulation error', 'the password of admin has expired'],
  ['Your account has been locked', 'the account of admin is locked'],
  ['Account temporarily locked (1 minute left)', 'the account of admin is locked'],
  ['account validation failure, is your account locked?', 'the account of admin is locked'],
])('sshd and sudo pass on the same word of PAM, and it means the same: %s', (said, meaning) => {
  expect(loginRefusal(said, { user: 'admin', agent: false })?.message).toBe(`${meaning}: ${said}`)
  const told = sudoError(`sudo: ${said}`, { host: 'm1', user: 'admin', passwordGiven: true })
  expect(told.message).toBe(`m1: ${meaning}: sudo: ${said}`)
  expect(told.remedy).toBe(loginRefusal(said, { user: 'admin', agent: false })?.remedy)
})
