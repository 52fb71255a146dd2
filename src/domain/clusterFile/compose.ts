import { Composer, type CST, Lexer, Parser, type ParsedNode } from 'yaml'
import type { FindingName } from '../findingCatalogue.ts'
import type { Refusal } from './decode.ts'
import { syntaxRefusal } from './syntax.ts'

/** Far above what a cluster file needs: spec.registries.configs.HOST.tls.ca_file is 6 deep. */
const maxDepth = 24
/** 5,000 nodes with settings of their own have about 240,000. */
export const maxLexemes = 300_000

export type Composed =
  | { readonly ok: true; readonly root: ParsedNode | null }
  | { readonly ok: false; readonly refusals: readonly Refusal[] }

/** Text to one YAML 1.2 document as a tree with offsets. What a cluster file never needs is refused before it costs time. */
export function composeDocument(text: string): Composed {
  const tokens = readTokens(text)
  if (!tokens.ok) return tokens
  // Duplicate keys are found later, in linear time; the parser's own check compares each key with all before it.
  const composer = new Composer({ prettyErrors: false, uniqueKeys: false, merge: false, logLevel: 'silent' })
  const [document] = composer.compose(tokens.tokens, true, text.length)
  const errors = document?.errors ?? []
  const refusal = syntaxRefusal(errors, text, tokens.lastQuote)
  if (refusal) return { ok: false, refusals: [refusal] }
  return { ok: true, root: document?.contents ?? null }
}

type Tokens =
  | {
      readonly ok: true
      readonly tokens: readonly CST.Token[]
      /** Where the last value in quotes begins. */
      readonly lastQuote: number
    }
  | { readonly ok: false; readonly refusals: readonly Refusal[] }

function readTokens(text: string): Tokens {
  const parser = new Parser()
  const tokens: CST.Token[] = []
  let ended = 0
  let lexemes = 0
  let lastQuote = 0
  for (const lexeme of new Lexer().lex(text)) {
    if (/^["']/.test(lexeme)) lastQuote = parser.offset
    for (const token of parser.next(lexeme)) {
      tokens.push(token)
      if (token.type === 'document') ended++
      if (token.type === 'directive')
        return stop(token.offset, 'yaml-directive', 'a YAML directive', 'Remove the line.')
    }
    // The document that is being read lies at the bottom of the stack.
    if (ended + (parser.stack[0]?.type === 'document' ? 1 : 0) > 1)
      return stop(
        parser.offset,
        'several-documents',
        'a second document begins here',
        'Keep one cluster a file: put the others into files of their own.',
      )
    if (parser.stack.length > maxDepth)
      return stop(
        parser.offset,
        'too-deep',
        `the nesting goes deeper than ${maxDepth} levels`,
        'Write the file as `slipway init` lays it out.',
      )
    if (++lexemes > maxLexemes)
      return stop(
        parser.offset,
        'file-too-large',
        `the file has more than ${maxLexemes.toLocaleString('en')} words and signs`,
        'Is this the right file? Settings that all nodes share belong into spec.ssh and spec.cluster_vars.',
      )
  }
  tokens.push(...parser.end())
  return { ok: true, tokens, lastQuote }
}

const stop = (offset: number, name: FindingName, message: string, remedy: string): Tokens => ({
  ok: false,
  refusals: [{ name, offset, message, remedy }],
})
