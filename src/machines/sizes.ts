import { z } from 'zod'

/** Sizes as people write them, each kept as a number of one unit. */

interface SizeRules {
  /** What a bare number means. */
  readonly unit: 'MiB' | 'GiB'
  readonly least: number
  readonly most: number
  readonly what: string
}

const inMebibytes: Readonly<Record<string, number>> = { m: 1, g: 1024, t: 1024 * 1024 }

/** `4096`, `4096MiB`, `4Gi`, `4GiB`; not `4GB` or `4 GB`, which are 4·10⁹ bytes to some and 4·2³⁰ to others. */
function size({ unit, least, most, what }: SizeRules) {
  const example = unit === 'MiB' ? '4GiB, 4096MiB or 4096' : '20GiB or 20'
  const inUnit = unit === 'MiB' ? 1 : 1024
  return z.union([z.number(), z.string()]).transform((given, context) => {
    const refuse = (message: string) => {
      context.addIssue({ code: 'custom', message, params: { remedy: `Write it like this: ${example}.` } })
      return z.NEVER
    }
    const [, digits = '', sign] = /^(\d{1,9})(?:([MGT])i(?:B)?)?$/.exec(String(given)) ?? []
    if (digits === '') {
      if (/^\d+\s*[KMGT]i?B?$/i.test(String(given)))
        return refuse(`${given} is not written as a size here: no blank, and MiB or GiB`)
      return refuse(`${what} is a size: ${example}`)
    }
    const mebibytes = Number(digits) * (sign === undefined ? inUnit : (inMebibytes[sign.toLowerCase()] ?? 1))
    const value = mebibytes / inUnit
    if (!Number.isInteger(value)) return refuse(`${what} is counted in whole ${unit}`)
    if (value < least || value > most) return refuse(`${what} has from ${least} to ${most} ${unit}, not ${value}`)
    return value
  })
}

/** MiB. */
export const memory = size({ unit: 'MiB', least: 256, most: 16 * 1024 * 1024, what: 'memory' })
/** GiB. */
export const disk = size({ unit: 'GiB', least: 1, most: 65_536, what: 'disk' })
export const cpus = z
  .union([z.number(), z.string().regex(/^\d{1,4}$/, 'cpus is a whole number')])
  .transform(Number)
  .pipe(z.int('cpus is a whole number').min(1, 'a machine has one CPU at least').max(1024))
