import type { Scalar } from 'yaml'

/** Whether a place is in the values of a chart, which are read as Helm reads a values file. */
export const isChartValue = (path: readonly (string | number)[]): boolean =>
  path[0] === 'spec' &&
  path[1] === 'platform' &&
  (path[2] === 'charts' || path[2] === 'components') &&
  path[4] === 'values'

const words = new Map<string, boolean>(
  [
    [true, 'y', 'yes', 'on', 'true'],
    [false, 'n', 'no', 'off', 'false'],
  ].flatMap(([meant, ...spellings]) =>
    spellings.flatMap(word => {
      const text = String(word)
      return [text, text.toUpperCase(), `${text.charAt(0).toUpperCase()}${text.slice(1)}`].map(
        (spelling): [string, boolean] => [spelling, meant === true],
      )
    }),
  ),
)

/** A scalar as Helm's reader of YAML 1.1 takes it where it stands without quotes: yes is true, 0640 is octal, 1_000 a number. */
export function chartScalar({ value, source, type }: Pick<Scalar, 'value' | 'source' | 'type'>): unknown {
  if (type !== 'PLAIN' || source === undefined) return value
  const word = words.get(source)
  if (word !== undefined) return word
  const digits = source.replaceAll('_', '')
  const [, sign = '', number = ''] = /^([-+]?)(0[xbo]?[0-9a-f]+|[0-9]+)$/i.exec(digits) ?? []
  if (number === '') return value
  const octal = /^0o?([0-7]+)$/i.exec(number)?.[1]
  if (octal === undefined && /^0[0-9]/.test(number)) return value
  const magnitude = octal === undefined ? Number(number) : Number.parseInt(octal, 8)
  return sign === '-' ? -magnitude : magnitude
}
