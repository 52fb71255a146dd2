import type { Explained } from './contract.ts'

/** Words of a provider, with what they mean for whoever makes a machine; the first that fit are meant. */
export type Meanings = readonly (readonly [RegExp, (said: RegExpExecArray) => Explained])[]

export function explainBy(meanings: Meanings, said: string): Explained | null {
  for (const [pattern, meaning] of meanings) {
    const found = pattern.exec(said)
    if (found) return meaning(found)
  }
  return null
}
