import { z } from 'zod'

/** Quantities of Kubernetes, as far as they are sizes. */

const units: Readonly<Record<string, number>> = {
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
}

const form = /^(\d+(?:\.\d+)?)(?:([kMGTPE]|[KMGTPE]i)|[eE](\d+))?$/

/** Bytes; null when it is none. Pure. */
export function bytesOf(quantity: string): number | null {
  const [, number, unit = '', exponent] = form.exec(quantity) ?? []
  if (number === undefined) return null
  return Number(number) * (exponent === undefined ? (units[unit] ?? 1) : 10 ** Number(exponent))
}

/** Below this nobody means it: a unit was left out. */
const least = 1024 * 1024

/** From here on the API would take another size than the one that is written. */
const most = 2 ** 63

/** The size of a volume. */
export const volumeSize = z.string().superRefine((text, context) => {
  const bytes = bytesOf(text)
  const wrong =
    bytes === null
      ? 'a size is written like 20Gi: a number with Ki, Mi, Gi, Ti (or k, M, G, T) behind it, without a blank'
      : bytes < least
        ? 'a volume has at least 1Mi; is a unit missing (20Gi)?'
        : bytes >= most
          ? 'Kubernetes knows no volume of 8Ei or more'
          : null
  if (wrong !== null) context.addIssue({ code: 'custom', message: wrong, params: { found: text } })
})
