const bounds: [number, number][] = [
  [0, 59],
  [0, 23],
  [1, 31],
  [1, 12],
  [0, 6],
]

/** Reads `minute hour day month weekday` with `*`, lists, ranges and steps. Throws on anything else. */
export function parseCron(expression: string): (time: Date) => boolean {
  const fields = expression.trim().split(/\s+/)
  if (fields.length !== 5) throw new Error(`expected exactly 5 fields, found ${fields.length}: [${expression}]`)
  const allowed = fields.map(
    (field, index) => new Set(field.split(',').flatMap(part => valuesOf(part, bounds[index] ?? [0, 0]))),
  )
  return time => {
    const now = [time.getMinutes(), time.getHours(), time.getDate(), time.getMonth() + 1, time.getDay()]
    const matches = (index: number) => allowed[index]?.has(now[index] ?? -1) === true
    // Where both days are given, one of them is enough.
    const bothGiven = fields[2] !== '*' && fields[4] !== '*'
    return matches(0) && matches(1) && matches(3) && (bothGiven ? matches(2) || matches(4) : matches(2) && matches(4))
  }
}

function valuesOf(part: string, [low, high]: [number, number]): number[] {
  const match = /^(?:\*|(\d+)(?:-(\d+))?)(?:\/(\d+))?$/.exec(part)
  if (match === null) throw new Error(`failed to parse cron field: ${part}`)
  const [, from, to, step] = match
  const first = from === undefined ? low : Number(from)
  const last = to === undefined ? (from === undefined || step !== undefined ? high : first) : Number(to)
  if (first < low || last > high || first > last || step === '0') throw new Error(`cron field out of range: ${part}`)
  const values: number[] = []
  for (let value = first; value <= last; value += Number(step ?? 1)) values.push(value)
  return values
}
