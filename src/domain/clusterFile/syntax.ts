import type { YAMLError } from 'yaml'
import type { Refusal } from './decode.ts'

/**
 * What is not YAML in a text, told once: whatever a parser says after its first fault is about text that it did not
 * understand any more. A tab before a line is the cause of all that follows it, wherever else something is noticed.
 */
export function syntaxRefusal(errors: readonly YAMLError[], text: string, lastQuote: number): Refusal | null {
  const inOrder = errors.toSorted((one, other) => one.pos[0] - other.pos[0])
  const error = inOrder.find(({ code }) => code === 'TAB_AS_INDENT') ?? inOrder[0]
  if (!error) return null
  if (error.code === 'TAB_AS_INDENT') return tabRefusal(error.pos[0], text)
  if (error.code === 'MISSING_CHAR' && /closing .quote/.test(error.message))
    return {
      name: 'yaml-syntax',
      offset: lastQuote,
      message: 'the quote that begins here is not closed',
      remedy: `Put a ${text.charAt(lastQuote)} at the end of the value.`,
    }
  return {
    name: 'yaml-syntax',
    offset: error.pos[0],
    message: `not YAML here: ${withoutSource(error.message)}`,
    remedy: remedies[error.code] ?? 'Check indentation, brackets and quotes at and above this place.',
  }
}

/** What the parser says, without the words of the file that it quotes: they may be those of a secret. */
const withoutSource = (message: string): string =>
  (message.split('\n')[0] ?? message).replace(
    /^(Unexpected .* in YAML [^:]*|Unresolved [^:]*|Block scalar header [^:]*|Invalid escape sequence)[: ].*$/,
    '$1',
  )

function tabRefusal(offset: number, text: string): Refusal {
  const begin = text.lastIndexOf('\n', offset - 1) + 1
  const [before = ''] = /^[ \t-]*/.exec(text.slice(begin)) ?? []
  const tab = before.indexOf('\t')
  const more = (text.slice(begin).match(/^ *(?:- *)?\t/gm) ?? []).length - 1
  return {
    name: 'yaml-syntax',
    offset: tab < 0 ? offset : begin + tab,
    message: `a tab stands here, and YAML indents with blanks only${more > 0 ? `; ${more} more ${more === 1 ? 'line has' : 'lines have'} one` : ''}`,
    remedy:
      'Put blanks in place of the tab (in most editors: "Convert indentation to spaces"), or run: expand -t 2 FILE.',
  }
}

const remedies: Partial<Record<YAMLError['code'], string>> = {
  BAD_INDENT: 'Give lines of the same level the same number of blanks, and close every bracket.',
  BAD_ALIAS: 'Define the anchor (&name) before it is used (*name), or write the value out.',
  BAD_DQ_ESCAPE: 'Use single quotes for text with backslashes.',
  MISSING_CHAR: 'Close the quote or bracket that was opened before this place.',
  MULTILINE_IMPLICIT_KEY: 'Write `key: value` here, with a blank behind the colon.',
  BLOCK_AS_IMPLICIT_KEY:
    'Put quotes around a value that holds ": ", and give lines of the same level the same number of blanks.',
  BAD_SCALAR_START: 'Put quotes around a value that begins with a special sign (@ ` % & * ! | >).',
}
