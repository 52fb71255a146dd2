import { nearest } from './clusterFile/nearest.ts'
import { type Finding, SlipwayError } from './errors.ts'
import { acceptableWarnings, isAcceptable } from './findingCatalogue.ts'

export type { AcceptableWarning } from './findingCatalogue.ts'

const changedKey = 'host-key-changed'

/** The word that accepts a changed host key: that of one machine, so that no other key is taken with it. */
export const acceptanceOfKey = (keyName: string): string => `${changedKey}:${keyName}`

/** Names of the host keys whose change is accepted. */
export const acceptedKeys = (accepted: readonly string[]): Set<string> =>
  new Set(accepted.flatMap(word => (word.startsWith(`${changedKey}:`) ? [word.slice(changedKey.length + 1)] : [])))

/**
 * Words of --accept, sorted, each once, without those that accept nothing: they would make another plan of the same.
 * @throws SlipwayError `usage` when changed host keys are accepted without saying whose, or those of no machine.
 */
export function readAcceptance(words: readonly string[], hostnames: readonly string[]): string[] {
  for (const word of words) {
    if (word === changedKey)
      throw new SlipwayError('usage', `--accept ${changedKey} does not say whose key is accepted`, {
        remedy: `Name the machine, once for each: --accept ${acceptanceOfKey(hostnames[0] ?? 'm1')}.`,
      })
    const [name] = acceptedKeys([word])
    if (name === undefined || name.startsWith('jump_') || hostnames.includes(name)) continue
    throw new SlipwayError('usage', `--accept ${word}: the cluster has no machine ${name}`, {
      remedy: 'Write the hostname as the cluster file does.',
    })
  }
  return [...new Set(words)].filter(acceptsSomething).toSorted()
}

/** Words that accept nothing, as a typing error does; they are left out of what is planned. */
export const idleAcceptance = (words: readonly string[]): Finding[] =>
  words
    .filter(word => !acceptsSomething(word))
    .map(word => {
      const guess = nearest(word, acceptableWarnings)
      return {
        name: 'accepts-nothing',
        severity: 'warning',
        about: `--accept ${word}`,
        message: 'no warning is called that',
        remedy: guess ? `Did you mean ${guess}?` : `These can be accepted: ${acceptableWarnings.join(', ')}.`,
      }
    })

const acceptsSomething = (word: string): boolean => isAcceptable(word) || word.startsWith(`${changedKey}:`)
