import type { ValueFault } from '../../../../domain/values/forms.ts'

/**
 * A schedule as RKE2's own parser reads it: five fields, or a word like @daily or @every 1h30m, after a time zone if
 * wanted. With one that it cannot read RKE2 starts, and never takes a snapshot.
 */
interface Field {
  readonly name: string
  readonly low: number
  readonly high: number
  readonly names?: readonly string[]
}

const fields: readonly Field[] = [
  { name: 'minute', low: 0, high: 59 },
  { name: 'hour', low: 0, high: 23 },
  { name: 'day of the month', low: 1, high: 31 },
  {
    name: 'month',
    low: 1,
    high: 12,
    names: ['', 'jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'],
  },
  { name: 'day of the week', low: 0, high: 6, names: ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] },
]
const descriptors = ['@yearly', '@annually', '@monthly', '@weekly', '@daily', '@midnight', '@hourly']
const example = 'Write it like "0 */12 * * *" (minute, hour, day, month, weekday) or "@every 6h".'

export function cronFault(written: string): ValueFault | null {
  if (/^["']|["']$/.test(written))
    return {
      message: 'quotation marks are part of the value here',
      remedy: `Keep one pair: etcd-snapshot-schedule-cron: "${written.replace(/^["']+|["']+$/g, '')}"`,
    }
  const zone = /^(?:CRON_)?TZ=(\S*) +/.exec(written)
  if (/^(?:CRON_)?TZ=/.test(written) && !(zone && isTimeZone(zone[1] ?? '')))
    return {
      message: 'the time zone is not known, or no schedule stands behind it',
      remedy: 'Write it like "CRON_TZ=Europe/Berlin 0 3 * * *".',
    }
  const schedule = zone ? written.slice(zone[0].length).trim() : written
  const message = schedule.startsWith('@') ? descriptorFault(schedule) : fieldsFault(schedule)
  return message === null ? null : { message, remedy: example }
}

/** As the zone files name it: they tell upper from lower case. */
function isTimeZone(zone: string): boolean {
  if (zone === '' || zone === 'UTC' || zone === 'Local') return true
  try {
    const { timeZone } = new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions()
    if (timeZone.toLowerCase() === zone.toLowerCase()) return timeZone === zone
    // Another name of it: its own spelling is not told.
    return zone.split('/').every(part => /^[A-Z]/.test(part))
  } catch {
    return false
  }
}

function descriptorFault(schedule: string): string | null {
  if (descriptors.includes(schedule)) return null
  if (!schedule.startsWith('@every ')) return `${JSON.stringify(schedule)} is none of ${descriptors.join(', ')}, @every`
  const duration = schedule.slice('@every '.length)
  return /^\+?(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+$/.test(duration) && /[1-9]/.test(duration)
    ? null
    : `${JSON.stringify(duration)} is no length of time like 1h30m`
}

function fieldsFault(schedule: string): string | null {
  const written = schedule.split(/\s+/).filter(field => field !== '')
  if (written.length !== fields.length) return `a schedule has five fields, ${written.length} stand here`
  for (const [index, field] of fields.entries()) {
    const text = written[index] ?? ''
    const fault = text.split(',').every(part => part === '')
      ? 'no value'
      : text.split(',').reduce<string | null>((found, part) => found ?? rangeFault(part, field), null)
    if (fault) return `the ${field.name} ${JSON.stringify(text)}: ${fault}`
  }
  return null
}

function rangeFault(part: string, { low, high, names = [] }: Field): string | null {
  // Nothing between two commas is skipped.
  if (part === '') return null
  const [range = '', step, ...steps] = part.split('/')
  const [first = '', last, ...lasts] = range.split('-')
  const valueOf = (text: string): number => {
    const named = names.indexOf(text.toLowerCase())
    if (named >= 0 && text !== '') return named
    return /^\+?\d{1,9}$/.test(text) ? Number(text) : Number.NaN
  }
  if (steps.length > 0 || (step !== undefined && !(valueOf(step) > 0 && /\d/.test(step))))
    return 'its step is no number above 0'
  if (first === '*' || first === '?') return null
  const from = valueOf(first)
  const to = last === undefined ? (step === undefined ? from : high) : valueOf(last)
  if (lasts.length > 0 || Number.isNaN(from) || Number.isNaN(to)) return 'not a number, a range or a name'
  if (from < low || to > high) return `values go from ${low} to ${high}`
  return from > to ? 'its range ends before it begins' : null
}
