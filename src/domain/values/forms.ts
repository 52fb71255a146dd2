import { z } from 'zod'
import { commaParts } from './commaParts.ts'

/**
 * The forms in which RKE2's own configuration may be written, each brought to one canonical form at the door: two
 * spellings of one wish are the same desired state, the same plan and the same file on the host.
 */

/** Why a value cannot be taken, and what to write instead. */
export interface ValueFault {
  readonly message: string
  readonly remedy: string
}

/** A text that a rule looks at. The rule never sees anything but text. */
export const checked = (check: (text: string) => ValueFault | null) =>
  z.string().superRefine((text, context) => addFault(context, check(text), text))

/** Adds what a rule found, with the part of the value that it found it in. */
export function addFault(context: z.core.$RefinementCtx, fault: ValueFault | null, found: string): void {
  if (fault) context.addIssue({ code: 'custom', message: fault.message, params: { remedy: fault.remedy, found } })
}

const same = <Value>(value: Value): Value => value

type TextSchema = z.ZodType<string, string>
const maxItems = 200

/** A list, or one value for a list of one; a key without a value is an empty list. */
export const listOf = (item: TextSchema, most = maxItems) =>
  z.codec(z.union([z.array(item).max(most), item, z.null()]), z.array(z.string()), {
    decode: given => (given === null ? [] : typeof given === 'string' ? [given] : given),
    encode: same,
  })

/** As `listOf`, for keys where RKE2 reads commas inside of an entry as well. */
export function commaListOf(check: (text: string) => ValueFault | null, most = maxItems) {
  const entry = z.string().superRefine((text, context) => {
    for (const part of commaParts(text)) addFault(context, check(part), part)
  })
  return z.codec(z.union([z.array(entry).max(most), entry, z.null()]), z.array(z.string()).max(most), {
    decode: given => (given === null ? [] : typeof given === 'string' ? [given] : given).flatMap(commaParts),
    encode: same,
  })
}

/** Values with commas between them, or a list of them; kept as one text with commas. At least one. */
export function commaTextOf(check: (text: string) => ValueFault | null) {
  const one = z.string().superRefine((text, context) => {
    const found = commaParts(text)
    if (found.length === 0)
      addFault(context, { message: 'it is empty', remedy: 'Give a value, or remove the key.' }, text)
    for (const part of found) addFault(context, check(part), part)
  })
  return z.codec(z.union([one, z.array(one).min(1).max(8)]), z.string(), {
    decode: given => [given].flat().flatMap(commaParts).join(','),
    encode: same,
  })
}

const words = (...written: string[]): string[] =>
  written.flatMap(word => [word, `${word.charAt(0).toUpperCase()}${word.slice(1)}`, word.toUpperCase()])
const yes = new Set([...words('true', 'yes', 'on'), 'y', 'Y', 't', 'T', '1'])
const no = new Set([...words('false', 'no', 'off'), 'n', 'N', 'f', 'F', '0'])

/** A switch: YAML 1.1 has more words for it than YAML 1.2, and RKE2 reads text as well. */
export const flag = z.codec(
  z.union([z.boolean(), z.string(), z.number()]).superRefine((given, context) => {
    const word = String(given)
    if (!yes.has(word) && !no.has(word))
      addFault(context, { message: 'neither true nor false', remedy: 'Write true or false.' }, word)
  }),
  z.boolean(),
  { decode: given => yes.has(String(given)), encode: same },
)

/** The words that YAML 1.1 reads as a switch where they stand without quotes, whatever the key. */
const bare = new Map<string, boolean>([
  ...words('true', 'yes', 'on').map((word): [string, boolean] => [word, true]),
  ...words('false', 'no', 'off').map((word): [string, boolean] => [word, false]),
])
export const bareWord = (text: string): string | boolean => bare.get(text) ?? text

/** A whole number, also as text. */
export const count = (least: number, most: number) =>
  z.codec(
    z.union([z.int().min(least).max(most), z.string().regex(/^(?:0|[1-9]\d{0,9})$/, 'not a whole number')]),
    z.int().min(least).max(most),
    {
      decode: Number,
      encode: same,
    },
  )

/**
 * Permissions of a file: three octal digits, with or without a 0 before them, as text or not. Kept as text with the 0,
 * since YAML 1.1 takes a bare 0640 for the number 416.
 */
export const fileMode = z.codec(
  z.union([z.int(), z.string()]).superRefine((given, context) => {
    if (!/^(?:0o?)?[0-7]{3}$/.test(String(given)))
      addFault(
        context,
        { message: 'a mode has three digits from 0 to 7', remedy: 'Write it like "0640": owner, group, others.' },
        String(given),
      )
  }),
  z.string(),
  { decode: given => `0${String(given).slice(-3)}`, encode: same },
)
