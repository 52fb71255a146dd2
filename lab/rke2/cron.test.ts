import { describe, expect, it } from 'vitest'
import { parseCron } from './cron.ts'

const at = (text: string) => new Date(text)

describe('a schedule', () => {
  it('matches minutes, hours and steps', () => {
    const twiceADay = parseCron('0 */12 * * *')
    expect(twiceADay(at('2026-01-05T12:00:30'))).toBe(true)
    expect(twiceADay(at('2026-01-05T12:01:00'))).toBe(false)
    expect(twiceADay(at('2026-01-05T11:00:00'))).toBe(false)
    expect(parseCron('5-10/5,30 * * * *')(at('2026-01-05T11:10:00'))).toBe(true)
  })

  it('needs one of the days when both are given', () => {
    const mondaysAndFirsts = parseCron('0 0 1 * 1')
    expect(mondaysAndFirsts(at('2026-01-05T00:00:00'))).toBe(true)
    expect(mondaysAndFirsts(at('2026-01-01T00:00:00'))).toBe(true)
    expect(mondaysAndFirsts(at('2026-01-06T00:00:00'))).toBe(false)
  })

  it.each(['* * * *', '60 * * * *', 'a * * * *', '*/0 * * * *', '5-1 * * * *'])(
    'is refused when it is none: %s',
    text => {
      expect(() => parseCron(text)).toThrow()
    },
  )
})
