import { nearest } from './clusterFile/nearest.ts'
import { type Finding, SlipwayError } from './errors.ts'
import type { FindingCatalogue } from './findingCatalogue.ts'

const changedKey = 'host-key-changed'

/** The word that accepts a changed host key: that of one machine, so that no other key is taken with it. */
export const acceptanceOfKey = (keyName: string): string => `${changedKey}:${keyName}`

/** Names of the host keys whose change is accepted. */
export const acceptedKeys = (accepted: readonly string[]): Set<string> => new Set(namedBy(changedKey, accepted))

const unreachable = 'unreachable'

/** The word that accepts that a machine is left out while it cannot be reached: that one, so that no other goes unseen. */
export const acceptanceOfAbsence = (hostname: string): string => `${unreachable}:${hostname}`

/** Machines that may be left out. */
export const acceptedAbsences = (accepted: readonly string[]): Set<string> => new Set(namedBy(unreachable, accepted))

/** As a finding is called, and what accepts it of one machine. */
const leftAlone = 'left-alone'

/** The word that accepts that a machine which is somebody else's is left as it is: that one, so that no other is passed over. */
export const acceptanceOfLeaving = (hostname: string): string => `${leftAlone}:${hostname}`

/** Machines that may stay as they are where they turn out to be somebody else's. */
export const acceptedToStay = (accepted: readonly string[]): Set<string> => new Set(namedBy(leftAlone, accepted))

/** Machines that the words of one kind name: `KIND:HOST`. */
const namedBy = (kind: string, words: readonly string[]): string[] =>
  words.flatMap(word => (word.startsWith(`${kind}:`) ? [word.slice(kind.length + 1)] : []))

/** What each kind of word needs a machine for. */
const kinds = [
  { kind: changedKey, lacks: 'whose key is accepted' },
  { kind: unreachable, lacks: 'which machine may be left out' },
  { kind: leftAlone, lacks: 'which machine is left as it is' },
] as const

/**
 * Words of --accept, sorted, each once, without those that accept nothing: they would make another plan of the same.
 * @throws SlipwayError `usage` when a word that is about a machine names none, or one that the cluster does not have.
 */
export function readAcceptance(
  catalogue: FindingCatalogue,
  words: readonly string[],
  hostnames: readonly string[],
): string[] {
  for (const word of words) {
    const bare = kinds.find(({ kind }) => word === kind)
    if (bare)
      throw new SlipwayError('usage', `--accept ${word} does not say ${bare.lacks}`, {
        remedy: `Name the machine, once for each: --accept ${word}:${hostnames[0] ?? 'm1'}.`,
      })
    const isJump = acceptedKeys([word])
      .values()
      .some(name => name.startsWith('jump_'))
    const name = kinds.flatMap(({ kind }) => namedBy(kind, [word]))[0]
    if (name === undefined || isJump || hostnames.includes(name)) continue
    const guess = nearest(name, hostnames)
    throw new SlipwayError('usage', `--accept ${word}: the cluster has no machine ${name || 'without a name'}`, {
      remedy: `Write the hostname as the cluster file does: --accept ${word.slice(0, word.indexOf(':'))}:${guess ?? hostnames[0] ?? 'm1'}.`,
    })
  }
  return [...new Set(words)].filter(word => acceptsSomething(catalogue, word)).toSorted()
}

/** Words that accept nothing, as a typing error does; they are left out of what is planned. */
export const idleAcceptance = (catalogue: FindingCatalogue, words: readonly string[]): Finding[] =>
  words
    .filter(word => !acceptsSomething(catalogue, word))
    .map(word => {
      const guess = meant(catalogue, word)
      return {
        name: 'accepts-nothing',
        severity: 'warning',
        about: `--accept ${word}`,
        message: 'no warning is called that',
        remedy: guess
          ? `Did you mean ${guess}?`
          : `These can be accepted: ${[...catalogue.acceptable, ...kinds.map(({ kind }) => `${kind}:HOST`)].join(', ')}.`,
      }
    })

/** What was most likely meant; of a word about a machine its kind, with the machine that was typed. */
function meant({ acceptable }: FindingCatalogue, word: string): string | null {
  const colon = word.indexOf(':')
  if (colon < 0) return nearest(word, acceptable)
  const kind = nearest(
    word.slice(0, colon),
    kinds.map(each => each.kind),
  )
  return kind && kind + word.slice(colon)
}

const acceptsSomething = ({ acceptable }: FindingCatalogue, word: string): boolean =>
  acceptable.includes(word) || kinds.some(({ kind }) => word.startsWith(`${kind}:`))
