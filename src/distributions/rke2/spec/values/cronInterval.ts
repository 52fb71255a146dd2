import { cronFault } from './cron.ts'

/** ms */
const minute = 60_000
const day = 24 * 60 * minute

const descriptors: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
}
const months = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ')
const weekdays = 'sun mon tue wed thu fri sat'.split(' ')
const units: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1000,
  m: minute,
  h: 60 * minute,
}

/**
 * The longest time between two moments of a schedule, ms. Where it skips days it is told in whole days, rather too long
 * than too short. Null for one that cannot be read, or never comes due.
 */
export function cronInterval(written: string): number | null {
  if (cronFault(written) !== null) return null
  const schedule = written.replace(/^(?:CRON_)?TZ=\S*\s+/, '').trim()
  if (schedule.startsWith('@every ')) return durationOf(schedule.slice('@every '.length))
  const fields = (descriptors[schedule] ?? schedule).split(/\s+/)
  const [minutes = '', hours = '', days = '', monthsField = '', weekdaysField = ''] = fields
  const gap = longestDayGap(days, monthsField, weekdaysField)
  if (gap === null) return null
  return gap > 1 ? gap * day : longestInDay(valuesOf(minutes, 0, 59), valuesOf(hours, 0, 23))
}

function durationOf(text: string): number {
  const parts = [...text.matchAll(/(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/g)]
  const sum = parts.reduce((total, [, count, unit]) => total + Number(count) * (units[unit ?? ''] ?? 0), 0)
  // Shorter ones than a second are taken every second.
  return Math.max(1000, sum)
}

function valuesOf(field: string, low: number, high: number, names: readonly string[] = []): ReadonlySet<number> {
  const valueOf = (text: string) => {
    const named = names.indexOf(text.toLowerCase())
    return named >= 0 ? named + low : Number(text)
  }
  const parts = field.split(',').filter(part => part !== '')
  return new Set(
    parts.flatMap(part => {
      const [range = '', step] = part.split('/')
      const [first = '', last] = range.split('-')
      const free = first === '*' || first === '?'
      const from = free ? low : valueOf(first)
      const to = free ? high : last === undefined ? (step === undefined ? from : high) : valueOf(last)
      const every = step === undefined ? 1 : Number(step)
      return Array.from({ length: Math.floor((to - from) / every) + 1 }, (_, index) => from + index * every)
    }),
  )
}

/** Days between two on which it comes due; null when there is no such day in eight years, which hold a 29 February. */
function longestDayGap(daysField: string, monthsField: string, weekdaysField: string): number | null {
  const days = valuesOf(daysField, 1, 31)
  const inMonths = valuesOf(monthsField, 1, 12, months)
  const onWeekdays = valuesOf(weekdaysField, 0, 6, weekdays)
  // With a step above 1 a star says something, too.
  const isFree = (field: string) => /(?:^|,)[*?](?!\/(?!\+?0*1(?:,|$)))/.test(field)
  // Cron's own rule: where both say something, either of them is enough.
  const either = !isFree(daysField) && !isFree(weekdaysField)
  const isDue = (date: Date) => {
    const byDay = days.has(date.getUTCDate())
    const byWeekday = onWeekdays.has(date.getUTCDay())
    return inMonths.has(date.getUTCMonth() + 1) && (either ? byDay || byWeekday : byDay && byWeekday)
  }
  const due = Array.from({ length: 8 * 366 }, (_, index) => index).filter(index =>
    isDue(new Date(Date.UTC(2001, 0, 1) + index * day)),
  )
  return due.length < 2 ? null : longestStep(due)
}

const longestInDay = (minutes: ReadonlySet<number>, hours: ReadonlySet<number>): number => {
  const moments = [...hours].flatMap(hour => [...minutes].map(one => hour * 60 + one)).toSorted((a, b) => a - b)
  return longestStep([...moments, (moments[0] ?? 0) + 24 * 60]) * minute
}

const longestStep = (ascending: readonly number[]): number =>
  ascending.reduce((longest, value, index) => Math.max(longest, value - (ascending[index - 1] ?? value)), 0)
