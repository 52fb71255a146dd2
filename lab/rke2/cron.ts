// Schedules as the parser reads them that RKE2 uses (robfig/cron, version 3, its standard form).

/** Whether a schedule is due in the second that a date lies in. `since` is when it began to be followed. */
export type Due = (time: Date, since: Date) => boolean

interface Bounds {
  low: number
  high: number
  names: readonly string[]
}

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const weekdays = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']
const bounds: readonly Bounds[] = [
  { low: 0, high: 59, names: [] },
  { low: 0, high: 23, names: [] },
  { low: 1, high: 31, names: [] },
  { low: 1, high: 12, names: months },
  { low: 0, high: 6, names: weekdays },
]

const descriptors: ReadonlyMap<string, string> = new Map([
  ['@yearly', '0 0 1 1 *'],
  ['@annually', '0 0 1 1 *'],
  ['@monthly', '0 0 1 * *'],
  ['@weekly', '0 0 * * 0'],
  ['@daily', '0 0 * * *'],
  ['@midnight', '0 0 * * *'],
  ['@hourly', '0 * * * *'],
])

interface Field {
  values: ReadonlySet<number>
  /** Written as `*` or `?`, so that of the two days the other alone decides. */
  open: boolean
}

/** Reads `minute hour day month weekday`, `@daily` and its like, `@every 1h30m`, after an optional `TZ=`. Throws on anything else. */
export function parseCron(expression: string): Due {
  if (expression === '') throw new Error('empty spec string')
  const zoned = /^(?:CRON_)?TZ=([^ ]*)(?: (.*))?$/.exec(expression)
  const zone = zoned?.[1]
  if (zone !== undefined) checkZone(zone)
  const spec = zoned === null ? expression : (zoned[2] ?? '').trim()
  if (spec.startsWith('@every ')) return every(spec.slice('@every '.length))
  const standard = spec.startsWith('@') ? descriptors.get(spec) : spec
  if (standard === undefined) throw new Error(`unrecognized descriptor: ${spec}`)
  const fields = standard.split(/\s+/).filter(field => field !== '')
  if (fields.length !== 5) throw new Error(`expected exactly 5 fields, found ${fields.length}: [${fields.join(' ')}]`)
  return atFields(
    bounds.map((bound, place) => fieldOf(fields[place] ?? '', bound)),
    zone,
  )
}

function checkZone(zone: string): void {
  if (zone === '' || zone === 'UTC' || zone === 'Local') return
  const refuse = (cause?: unknown) => {
    throw new Error(`provided bad location ${zone}`, { cause })
  }
  // Zones are files there, so that capitals count; here they don't, and only the usual name of a zone is told.
  if (!/^[A-Z]/.test(zone)) refuse()
  try {
    const { timeZone } = new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions()
    if (timeZone !== zone && timeZone.toLowerCase() === zone.toLowerCase()) refuse()
  } catch (cause) {
    refuse(cause)
  }
}

function atFields(fields: readonly Field[], zone: string | undefined): Due {
  const has = (place: number, value: number) => fields[place]?.values.has(value) === true
  return time => {
    const local = zone === undefined || zone === 'Local' ? time : inZone(time, zone === '' ? 'UTC' : zone)
    if (local.getSeconds() !== 0) return false
    const day = has(2, local.getDate())
    const weekday = has(4, local.getDay())
    // Where both days are given, one of them is enough.
    const days = fields[2]?.open === true || fields[4]?.open === true ? day && weekday : day || weekday
    return has(0, local.getMinutes()) && has(1, local.getHours()) && has(3, local.getMonth() + 1) && days
  }
}

function inZone(time: Date, zone: string): Date {
  return new Date(time.toLocaleString('en-US', { timeZone: zone }))
}

function every(duration: string): Due {
  const seconds = Math.max(1, Math.floor(secondsOf(duration)))
  return (time, since) => {
    const passed = Math.floor(time.getTime() / 1000) - Math.floor(since.getTime() / 1000)
    return passed > 0 && passed % seconds === 0
  }
}

const units: Record<string, number> = { ns: 1e-9, us: 1e-6, µs: 1e-6, μs: 1e-6, ms: 1e-3, s: 1, m: 60, h: 3600 }

/** A duration as Go writes it: `1h30m`, `1.5h`, `-2s`, `0`. Throws on anything else. */
function secondsOf(text: string): number {
  const match = /^([-+]?)((?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+|0)$/.exec(text)
  if (match === null) throw new Error(`failed to parse duration @every ${text}`)
  const parts = [...(match[2] ?? '').matchAll(/([\d.]+)(ns|us|µs|μs|ms|s|m|h)/g)]
  const sum = parts.reduce((seconds, [, amount, unit]) => seconds + Number(amount) * (units[unit ?? ''] ?? 0), 0)
  return match[1] === '-' ? -sum : sum
}

function fieldOf(field: string, bound: Bounds): Field {
  const parts = field.split(',').filter(part => part !== '')
  const read = parts.map(part => rangeOf(part, bound))
  return { values: new Set(read.flatMap(({ values }) => values)), open: read.some(({ open }) => open) }
}

function rangeOf(part: string, bound: Bounds): { values: number[]; open: boolean } {
  const [range = '', written, tooMuch] = part.split('/')
  const ends = range.split('-')
  const star = ends[0] === '*' || ends[0] === '?'
  if (tooMuch !== undefined) throw new Error(`too many slashes: ${part}`)
  if (!star && ends.length > 2) throw new Error(`too many hyphens: ${part}`)
  const step = written === undefined ? 1 : numberOf(written, [])
  const first = star ? bound.low : numberOf(ends[0] ?? '', bound.names, bound.low)
  const single = ends.length === 1
  let last = star ? bound.high : single ? first : numberOf(ends[1] ?? '', bound.names, bound.low)
  if (single && written !== undefined) last = bound.high
  if (first < bound.low) throw new Error(`beginning of range (${first}) below minimum (${bound.low}): ${part}`)
  if (last > bound.high) throw new Error(`end of range (${last}) above maximum (${bound.high}): ${part}`)
  if (first > last) throw new Error(`beginning of range (${first}) beyond end of range (${last}): ${part}`)
  if (step === 0) throw new Error(`step of range should be a positive number: ${part}`)
  const values: number[] = []
  for (let value = first; value <= last; value += step) values.push(value)
  return { values, open: star && step === 1 }
}

function numberOf(text: string, names: readonly string[], low = 0): number {
  const named = names.indexOf(text.toLowerCase())
  if (named >= 0) return named + low
  if (/^-\d+$/.test(text)) throw new Error(`negative number (${text}) not allowed: ${text}`)
  if (!/^\+?\d+$/.test(text)) throw new Error(`failed to parse int from ${text}`)
  return Number(text)
}
