import type { FindingName } from '../findingCatalogue.ts'

/** What a file that holds one secret says: a value that is used, or why it can't be. Never quotes the contents. */
export type Reading<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly fault: KeyFileFault }

export interface KeyFileFault {
  readonly name: FindingName
  readonly message: string
  readonly remedy: string
}

export const refuse = <Value>(name: FindingName, message: string, remedy: string): Reading<Value> => ({
  ok: false,
  fault: { name, message, remedy },
})

/** Signs that a configuration file or a login can't carry: controls, breaks of lines, what Unicode keeps for itself. */
export const hasUnfitSigns = (text: string): boolean =>
  /[\p{Cc}\p{Zl}\p{Zp}\p{Noncharacter_Code_Point}\ufeff]/u.test(text) || !text.isWellFormed()

/** Without the mark some editors put before UTF-8. */
export const withoutMark = (text: string): string => text.replace(/^\ufeff/, '')

export const putSecret = 'Put the secret into it, or name another file.'

/** Of a text without a sign that can be seen; line ends are no part of a secret. */
export const emptiness = (text: string): string =>
  withoutMark(text).replace(/[\r\n]+/g, '') === '' ? 'it is empty' : 'it holds nothing but blanks'

/** One secret on one line; the line's end is not part of it, and blanks around it are not guessed about. */
export function readSecretLine(contents: string): Reading<string> {
  const text = withoutMark(contents).replace(/[\r\n]+$/, '')
  if (text.trim() === '') return refuse('key-file-empty', emptiness(text), putSecret)
  if (/[\r\n]/.test(text.trim()))
    return refuse('key-file-lines', 'it has several lines', 'Keep the secret alone, on the first line.')
  if (text.trim() !== text) return refuse('key-file-blanks', 'blanks stand before or behind the secret', 'Remove them.')
  if (hasUnfitSigns(text))
    return refuse('key-file-signs', 'it holds control characters', 'Write the secret anew, on one line.')
  return { ok: true, value: text }
}
