import { type Kind, shortNames } from './flags.ts'
import { Refused } from './refusal.ts'

export type Values = Map<string, string[]>

/** Splits `--key=value`, `--key value`, `--switch` and their short forms. Unknown keys end the program, as in RKE2. */
export function parseArguments(
  args: readonly string[],
  flags: ReadonlyMap<string, Kind>,
): { values: Values; rest: string[] } {
  const values: Values = new Map()
  const rest: string[] = []
  for (let index = 0; index < args.length; index++) {
    const argument = args[index] ?? ''
    const match = /^--?([^=]+)(?:=(.*))?$/s.exec(argument)
    if (match === null) {
      rest.push(argument)
      continue
    }
    const written = match[1] ?? ''
    const key = shortNames.get(written) ?? written
    const kind = flags.get(key)
    if (kind === undefined) throw new Refused(`flag provided but not defined: -${written}`)
    let value = match[2]
    if (value === undefined) {
      if (kind === 'switch') value = 'true'
      else {
        value = args[++index]
        if (value === undefined) throw new Refused(`flag needs an argument: -${written}`)
      }
    }
    values.set(key, [...(values.get(key) ?? []), value])
  }
  return { values, rest }
}

/** Configuration file first, then the command line: a list grows, anything else is replaced. Unknown keys are returned apart. */
export function combine(
  file: Values,
  line: Values,
  flags: ReadonlyMap<string, Kind>,
): { values: Values; unknown: string[] } {
  const values: Values = new Map()
  const unknown: string[] = []
  for (const [written, given] of file) {
    const key = shortNames.get(written) ?? written
    if (flags.has(key)) values.set(key, given)
    else unknown.push(written)
  }
  for (const [key, given] of line) {
    values.set(key, flags.get(key) === 'list' ? [...(values.get(key) ?? []), ...given] : given)
  }
  return { values, unknown }
}

const truths: ReadonlyMap<string, boolean> = new Map([
  ...['1', 't', 'T', 'true', 'TRUE', 'True'].map((word): [string, boolean] => [word, true]),
  ...['0', 'f', 'F', 'false', 'FALSE', 'False', ''].map((word): [string, boolean] => [word, false]),
])

export type Reader = ReturnType<typeof reader>

/** Typed access to combined values; every reader throws Refused on a value of the wrong kind. */
export function reader(values: Values) {
  const last = (key: string) => values.get(key)?.at(-1)
  return {
    text: (key: string): string | undefined => (last(key) === '' ? undefined : last(key)),
    /** Entries of a list, where one entry may hold several separated by commas. */
    list: (key: string): string[] =>
      (values.get(key) ?? []).flatMap(entry => entry.split(',')).filter(entry => entry !== ''),
    /** The same as RKE2 splits them: an empty part or a blank is part of what was given. */
    split: (key: string): string[] =>
      (values.get(key) ?? []).filter(entry => entry !== '').flatMap(entry => entry.split(',')),
    /** Entries of a list as they are written. */
    raw: (key: string): string[] => (values.get(key) ?? []).filter(entry => entry !== ''),
    switch: (key: string): boolean => {
      const given = last(key)
      if (given === undefined) return false
      const truth = truths.get(given)
      if (truth === undefined) throw new Refused(`invalid boolean value "${given}" for -${key}: parse error`)
      return truth
    },
    number: (key: string, otherwise: number): number => {
      const given = last(key)
      if (given === undefined || given === '') return otherwise
      if (!/^-?\d+$/.test(given)) throw new Refused(`invalid value "${given}" for flag -${key}: parse error`)
      return Number(given)
    },
    /** Checks a duration as Go writes them, such as `5m0s`. */
    duration: (key: string): string | undefined => {
      const given = last(key)
      if (given === undefined || given === '') return undefined
      if (!/^[-+]?((\d+\.?\d*|\.\d+)(ns|us|µs|ms|s|m|h))+$|^[-+]?0$/.test(given)) {
        throw new Refused(`invalid value "${given}" for flag -${key}: parse error`)
      }
      return given
    },
  }
}
