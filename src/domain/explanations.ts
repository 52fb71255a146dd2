import { nearest } from './clusterFile/nearest.ts'
import { catalogue, type ErrorCode, exitCodes, type ExitName, isErrorCode } from './errorCatalogue.ts'
import type { FindingCatalogue } from './findingCatalogue.ts'
import type { FindingEntry } from './findings/entry.ts'

/** What a printed name means: an error code, or the name of a finding. */
export type Explanation =
  | {
      readonly name: ErrorCode
      readonly kind: 'error'
      readonly title: string
      readonly remedy: string
      readonly exit: ExitName
      readonly exit_code: number
      /** Of the HTTP reply. */
      readonly status: number
    }
  | {
      readonly name: string
      readonly kind: 'finding'
      readonly title: string
      readonly remedy: string
      readonly severity: 'error' | 'warning'
      /** Whether it stands in the way of a plan or run until it is gone or accepted. */
      readonly blocks: boolean
      /** What to write behind --accept; null where it cannot be accepted. */
      readonly accept: string | null
    }

function ofError(name: ErrorCode): Explanation {
  const { title, remedy, exit, status } = catalogue[name]
  return { name, kind: 'error', title, remedy, exit, exit_code: exitCodes[exit], status }
}

function ofFinding(name: string, { title, remedy, kind }: FindingEntry): Explanation {
  return {
    name,
    kind: 'finding',
    title,
    remedy,
    severity: kind === 'error' ? 'error' : 'warning',
    blocks: kind !== 'note',
    accept: kind === 'acceptable' ? name : null,
  }
}

/** Error codes first, each group in the order of its catalogue. */
export const explanationsOf = ({ entries }: FindingCatalogue): readonly Explanation[] => [
  ...Object.keys(catalogue).filter(isErrorCode).map(ofError),
  ...[...entries].map(([name, entry]) => ofFinding(name, entry)),
]

/** What a word of the output means, with or without what it is about: `host-key-changed:m1`. Null when nothing is called that. */
export function explain({ entries }: FindingCatalogue, word: string): Explanation | null {
  const said = word.split(':')[0] ?? ''
  // What `--accept unreachable:m1` accepts.
  const name = said === 'unreachable' ? 'host-unreachable' : said
  if (isErrorCode(name)) return ofError(name)
  const entry = entries.get(name)
  return entry ? ofFinding(name, entry) : null
}

/** The name that was probably meant. */
export const nearestName = (findings: FindingCatalogue, word: string): string | null =>
  nearest(
    word.split(':')[0] ?? '',
    explanationsOf(findings).map(({ name }) => name),
  )
