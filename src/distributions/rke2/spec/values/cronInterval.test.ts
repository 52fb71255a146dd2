import { expect, it } from 'vitest'
import { cronInterval } from './cronInterval.ts'

const hour = 3_600_000
const day = 24 * hour

it.each([
  ['0 */12 * * *', 12 * hour],
  ['0 3 * * *', day],
  ['0 0,3,20 * * *', 17 * hour],
  ['*/15 * * * *', hour / 4],
  ['30 8-18/2 * * *', 14 * hour],
  ['* 0 * * *', 23 * hour + hour / 60],
  ['0 3 * * mon-fri', 3 * day],
  ['0 3 * * SUN', 7 * day],
  ['0 3 1 * *', 31 * day],
  ['0 3 1,15 * 0', 7 * day],
  ['0 3 1 jan *', 366 * day],
  ['0 3 31 2-4 *', 366 * day],
  ['0 3 */2 * 0', 2 * day],
  ['0 3 1 * */6', 6 * day],
  ['0 3 */1 * 0', 7 * day],
  ['@hourly', hour],
  ['@daily', day],
  ['@weekly', 7 * day],
  ['@every 1h30m', 1.5 * hour],
  ['@every 1ms', 1000],
  ['CRON_TZ=Europe/Berlin 0 3 * * *', day],
])('of %s is %i ms', (schedule, interval) => {
  expect(cronInterval(schedule)).toBe(interval)
})

it.each(['0 3 30 2 *', 'daily', '0 3 * *', ''])('there is none of %j, which never comes due', schedule => {
  expect(cronInterval(schedule)).toBe(null)
})
