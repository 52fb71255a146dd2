import type { Json } from '../../contract/json.ts'
import { SlipwayError } from '../../domain/errors.ts'
import { carriesLogin } from '../../domain/values/logins.ts'
import { createRedactor, escapePattern, mask } from '../../secrets/redact.ts'
import type { WantedChart } from './changes.ts'
import { isSecretPath } from './valueChanges.ts'

/** Characters below which a word stands in every text. */
const shortest = 3

/** Words about a chart, as its templates and the API quote its values, without those of them that are secret. Pure. */
export function hidden(words: string, { values, secretPaths }: Pick<WantedChart, 'values' | 'secretPaths'>): string {
  const secrets = [...new Set(secretsIn(values, '', secretPaths, false))].filter(text => text.length >= shortest)
  const long = createRedactor(secrets).redact(words)
  // A short one is told from a part of another word; a reader of YAML quotes the beginning of a long one.
  return secrets
    .toSorted((one, other) => other.length - one.length)
    .reduce(
      (text, secret) => text.replaceAll(new RegExp(`(?<!\\w)${escapePattern(secret)}(?!\\w)`, 'g'), mask),
      secrets.length === 0 ? long : long.replaceAll(/(!!\w+ )`[^`]*`/g, `$1${mask}`),
    )
}

/** An error whose words are about a chart, without them. Pure. */
export function hiddenError(error: SlipwayError, wanted: Parameters<typeof hidden>[1]): SlipwayError {
  const { code, message, remedy, facts, findings } = error
  // Its cause would have the words as well.
  return new SlipwayError(code, hidden(message, wanted), { remedy, facts, findings })
}

function secretsIn(value: Json, path: string, secretPaths: ReadonlySet<string>, isSecret: boolean): string[] {
  if (typeof value === 'string') return isSecret || carriesLogin(value) ? [value] : []
  if (typeof value === 'number') return isSecret ? [String(value)] : []
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]: [string, Json]) => {
    // What is in a list has the path of the list.
    const below = Array.isArray(value) ? path : path === '' ? key : `${path}.${key}`
    const isBelow = isSecret || secretPaths.has(below) || (!Array.isArray(value) && isSecretPath(key))
    return secretsIn(inner, below, secretPaths, isBelow)
  })
}
