import fc from 'fast-check'
import { expect, it } from 'vitest'
import { scheduleFault } from '../../src/distributions/rke2/spec/values/schedule.ts'
import { parseCron } from './cron.ts'

// RKE2 starts with any schedule, so that one which `slipway validate` lets through wrongly would never be noticed: both
// readers, written apart from each other, are given the same ones.

const words = (text: string) => fc.constantFrom(...text.split(' '))
const part = fc.oneof(
  { weight: 3, arbitrary: words('* ? 0 1 5 6 7 12 23 24 31 59 60 mon MON jan sun x -1 +1 */2 */0 ?/1 */40 1/2/3 1.5') },
  fc.tuple(words('0 1 5 mon jan dec *'), words('0 3 7 31 fri mar')).map(ends => ends.join('-')),
  fc.tuple(words('1-5 0-59 10'), words('1 2 0 x')).map(both => both.join('/')),
)
const field = fc.oneof(
  part,
  fc.array(part, { minLength: 1, maxLength: 3 }).map(parts => parts.join(',')),
)
const fields = fc.array(field, { minLength: 3, maxLength: 6 }).map(parts => parts.join(' '))
const fiveFields = fc.tuple(field, field, field, field, field).map(parts => parts.join(' '))
const shortForms = words('@daily @Daily @weekly @hourly @yearly @reboot @every_1h @every @')
const intervals = fc
  .tuple(words('@every @Every'), words('1h 1h30m 1.5h 5 5d -2s 90s .5h 1µs h 1h30 soon'))
  .map(both => both.join(' '))
const zone = fc.oneof(words('TZ=UTC CRON_TZ=Europe/Berlin TZ=Mars/Base TZ= CRON_TZ=Local'))
const schedule = fc.oneof(fields, { weight: 3, arbitrary: fiveFields }, shortForms, intervals)
const written = fc.oneof(
  { weight: 3, arbitrary: schedule },
  fc.tuple(zone, schedule).map(both => both.join(' ')),
)

const isRead = (text: string): boolean => {
  try {
    parseCron(text)
    return true
  } catch {
    return false
  }
}
it('whatever validate takes, the reader of RKE2 can read', () => {
  let taken = 0
  fc.assert(
    fc.property(written, text => {
      if (scheduleFault(text) !== null) return
      taken += 1
      expect(isRead(text), text).toBe(true)
    }),
    { numRuns: 3000 },
  )
  // Of 3000 random ones 340 are, give or take 18: enough were tried, whatever the seed.
  expect(taken).toBeGreaterThan(200)
})

it('whatever the reader of RKE2 cannot read, validate refuses; the rest it refuses only where it never comes due', () => {
  fc.assert(
    fc.property(written, text => {
      const fault = scheduleFault(text)
      if (!isRead(text)) expect(fault, text).not.toBeNull()
      else if (fault !== null) expect(fault.message, text).toMatch(/no day of any year|no length of time/)
    }),
    { numRuns: 3000 },
  )
})
