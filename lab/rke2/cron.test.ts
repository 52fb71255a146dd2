import { describe, expect, it } from 'vitest'
import { parseCron } from './cron.ts'

// As the parser of robfig/cron (version 3), which RKE2 uses.

const since = new Date('2026-01-05T10:00:00')
const due = (expression: string, time: string) => parseCron(expression)(new Date(time), since)

describe('a schedule', () => {
  it('matches minutes, hours and steps, in the first second of a minute', () => {
    expect(due('0 */12 * * *', '2026-01-05T12:00:00')).toBe(true)
    expect(due('0 */12 * * *', '2026-01-05T12:00:30')).toBe(false)
    expect(due('0 */12 * * *', '2026-01-05T12:01:00')).toBe(false)
    expect(due('5-10/5,30 * * * *', '2026-01-05T11:10:00')).toBe(true)
    expect(due('10/20 * * * *', '2026-01-05T11:50:00')).toBe(true)
  })

  it('needs one of the days when both are given, and both when one of them is any', () => {
    expect(due('0 0 1 * 1', '2026-01-05T00:00:00')).toBe(true)
    expect(due('0 0 1 * 1', '2026-01-01T00:00:00')).toBe(true)
    expect(due('0 0 1 * 1', '2026-01-06T00:00:00')).toBe(false)
    expect(due('0 0 * * 1', '2026-01-06T00:00:00')).toBe(false)
    expect(due('0 0 ? jan MON', '2026-01-05T00:00:00')).toBe(true)
  })

  it('has short forms, intervals and time zones', () => {
    expect(due('@daily', '2026-01-06T00:00:00')).toBe(true)
    expect(due('@weekly', '2026-01-06T00:00:00')).toBe(false)
    expect(due('@every 1h30m', '2026-01-05T11:30:00')).toBe(true)
    expect(due('@every 1h30m', '2026-01-05T11:30:01')).toBe(false)
    expect(due('TZ=Asia/Tokyo 0 9 * * *', '2026-01-05T00:00:00Z')).toBe(true)
    expect(due('CRON_TZ=UTC 0 9 * * *', '2026-01-05T09:00:00Z')).toBe(true)
  })

  it.each([
    '',
    '0 */12 * *',
    '0 0 0 * * *',
    '60 * * * *',
    '0 24 * * *',
    '0 0 0 * *',
    '0 0 * 13 *',
    '0 0 * * 7',
    'a * * * *',
    '*/0 * * * *',
    '5-1 * * * *',
    '1/2/3 * * * *',
    '1-2-3 * * * *',
    '-1 * * * *',
    '@reboot',
    '@Daily',
    '@every',
    '@every 5',
    '@every day',
    'TZ=Nowhere/City 0 0 * * *',
    'TZ=asia/tokyo 0 9 * * *',
    'TZ=Asia/tokyo 0 9 * * *',
    'TZ=+09:00 0 9 * * *',
  ])('is refused when it is none: %s', text => {
    expect(() => parseCron(text)).toThrow()
  })

  it.each([
    '0 */12 * * *',
    '*/5 0-6,22-23 * * mon-fri',
    '@hourly',
    '@every 12h',
    '@every 0s',
    '0,30 * ? * *',
    'TZ= @daily',
    'TZ=US/Pacific @daily',
  ])('is taken: %s', text => {
    expect(() => parseCron(text)).not.toThrow()
  })
})
