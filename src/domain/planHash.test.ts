import { expect, it } from 'vitest'
import { refuseOtherHash } from './planHash.ts'

const hash = 'abcdef0123456789'.repeat(4)

it.each([hash, hash.slice(0, 12), hash.slice(0, 8)])(
  'a plan is named by its hash or the beginning of it: %s',
  approved => {
    expect(() => refuseOtherHash(approved, hash)).not.toThrow()
  },
)

it.each(['', hash.slice(0, 7), `${hash}0`, 'fedcba98', hash.slice(1, 13)])('nothing else names it: %s', approved => {
  expect(() => refuseOtherHash(approved, hash)).toThrow(
    expect.objectContaining({ code: 'plan-changed', facts: { approved, hash } }),
  )
})
