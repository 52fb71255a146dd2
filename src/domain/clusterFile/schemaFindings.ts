import type { z } from 'zod'
import type { FindingName } from '../findingCatalogue.ts'
import { looksLikeFileName, namesSecretFile, secretInstead } from '../values/fileNames.ts'
import { fitsQuoted } from './fitsQuoted.ts'
import { nearest } from './nearest.ts'
import type { Path } from './plainTree.ts'
import { rightForm } from './rightForm.ts'
import type { FileShape } from './shape.ts'
import { shown, withoutLoginOf } from './shown.ts'
import { unknownKey } from './unknownKeys.ts'

/** What Zod found, in words: what stands there, what may stand there, and what was probably meant. */
export interface SchemaFinding {
  readonly name: FindingName
  readonly path: Path
  /** Points at the key itself rather than at its value. */
  readonly atKey: boolean
  readonly message: string
  readonly remedy: string
}

type Issue = z.core.$ZodIssue

export function schemaFindings(shape: FileShape, issues: readonly Issue[], root: unknown): SchemaFinding[] {
  const seen = new Set<string>()
  return issues
    .flatMap(issue => describe(shape, issue, writtenPart(root, pathOf(issue.path)), root))
    .map(finding => withoutSecret(finding, valueAt(root, finding.path)))
    .filter(finding => {
      // Several checks on one value (length and pattern) are one finding for people.
      const place = `${finding.atKey} ${JSON.stringify(finding.path)}`
      return seen.has(place) ? false : seen.add(place)
    })
}

/** A finding without what is secret in the value that it is about, whoever has worded it. */
function withoutSecret(finding: SchemaFinding, found: unknown): SchemaFinding {
  const { path, atKey } = finding
  if (!atKey && isScalar(found) && found !== '') {
    if (namesSecretFile(path) && !looksLikeFileName(String(found))) return { ...finding, ...secretInstead(path) }
    if (path.at(-1) === 'host' && /:.*[^\d.:a-f[\]%/]/i.test(String(found)))
      return {
        ...finding,
        message: 'a host name or an address is needed; what stands here is not repeated',
        remedy: 'Write the host alone, like `host: 10.0.0.5`; `user` and `port` are keys of their own.',
      }
    if (path.at(-1) === 'user' && String(found).includes(':'))
      return {
        ...finding,
        message: 'a login name holds no colon; what stands here is not repeated',
        remedy: 'Write the name alone, like `user: admin`. A password for sudo goes into a file: sudo_password_file.',
      }
  }
  const told = (text: string): string => withoutLoginOf(found, text)
  return { ...finding, message: told(finding.message), remedy: told(finding.remedy) }
}

const isDistribution = ([root, field, ...rest]: Path): boolean =>
  root === 'spec' && field === 'distribution' && rest.length === 0

const isScalar = (value: unknown): boolean => ['string', 'number', 'boolean'].includes(typeof value)

const pathOf = (path: readonly PropertyKey[]): Path =>
  path.map(step => (typeof step === 'number' ? step : String(step)))

/** As much of a path as leads into maps and lists: one value may stand for a list of one. */
function writtenPart(root: unknown, path: Path): Path {
  const end = path.findIndex((_, index) => {
    const above = valueAt(root, path.slice(0, index))
    return above === null || (typeof above !== 'object' && above !== undefined)
  })
  return end < 0 ? path : path.slice(0, end)
}

function describe(shape: FileShape, issue: Issue, path: Path, root: unknown): SchemaFinding[] {
  const found = valueAt(root, path)
  const here = (name: FindingName, message: string, remedy: string): SchemaFinding[] => [
    { name, path, atKey: false, message, remedy },
  ]
  if (found === undefined) {
    const key = path.at(-1)
    return here('missing-key', `${key} is missing`, `Add \`${key}: …\` here.`)
  }
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map(key => unknownKey(shape, key, path))
    case 'invalid_type':
      if (typeof found === 'number' && !Number.isFinite(found))
        return here('wrong-type', `found ${found}, a finite number is needed`, 'Write the number in digits.')
      return here(
        'wrong-type',
        `found ${kindOf(found)}, ${article(issue.expected)} is needed`,
        typeRemedy(shape, issue, found, path),
      )
    case 'invalid_value': {
      const allowed = (isDistribution(path) ? shape.names : issue.values).map(String)
      const guess = typeof found === 'string' ? nearest(found, allowed) : null
      return here(
        'unknown-value',
        `found ${shown(found)}${guess ? `; did you mean ${guess}?` : ''}`,
        `Allowed: ${allowed.join(', ')}.`,
      )
    }
    case 'invalid_union':
      return union(shape, issue, path, root, found)
    case 'invalid_key':
      return issue.issues.slice(0, 1).map(inner => {
        const remedy: unknown = inner.code === 'custom' ? inner.params?.['remedy'] : undefined
        return {
          name: 'bad-key',
          path,
          atKey: true,
          message: `the key ${shown(path.at(-1))} is not allowed: ${inner.message}`,
          remedy: typeof remedy === 'string' ? remedy : rightForm(shape, path.slice(0, -1)),
        }
      })
    case 'too_small':
    case 'too_big':
      return here(
        'out-of-range',
        `found ${amount(found)}, ${limit(shape, issue, path)}`,
        'Choose a value within the range.',
      )
    case 'custom': {
      // A rule that brings its own remedy says all there is to say.
      const remedy: unknown = issue.params?.['remedy']
      const part: unknown = issue.params?.['found']
      const message = typeof part === 'string' ? `found ${shown(part)}: ${issue.message}` : issue.message
      if (typeof remedy === 'string')
        return [{ name: 'bad-value', path, atKey: issue.params?.['atKey'] === true, message, remedy }]
      return here('bad-value', `found ${shown(found)}: ${issue.message}`, rightForm(shape, path))
    }
    default:
      return here('bad-value', `found ${shown(found)}: ${issue.message}`, rightForm(shape, path))
  }
}

/** Of several shapes the one the value came nearest to is explained; a message of the union's own wins. */
function union(
  shape: FileShape,
  issue: z.core.$ZodIssueInvalidUnion,
  path: Path,
  root: unknown,
  found: unknown,
): SchemaFinding[] {
  if (issue.message !== 'Invalid input')
    return [
      {
        name: 'bad-value',
        path,
        atKey: false,
        message: `found ${shown(found)}: ${issue.message}`,
        remedy: rightForm(shape, path),
      },
    ]
  const near = issue.errors.find(
    branch => !branch.some(inner => inner.code === 'invalid_type' && inner.path.length === 0),
  )
  if (near) return near.flatMap(inner => describe(shape, inner, [...path, ...pathOf(inner.path)], root))
  const expected = issue.errors.flatMap(branch =>
    branch.flatMap(inner =>
      inner.code === 'invalid_type' && inner.expected !== 'null' ? [article(inner.expected)] : [],
    ),
  )
  return [
    {
      name: 'wrong-type',
      path,
      atKey: false,
      message: `found ${kindOf(found)}, ${[...new Set(expected)].join(' or ')} is needed`,
      remedy: found === null ? 'Give a value, or remove the key.' : rightForm(shape, path),
    },
  ]
}

function valueAt(root: unknown, path: Path): unknown {
  let here = root
  for (const step of path) {
    if (typeof here !== 'object' || here === null || !Object.hasOwn(here, step)) return undefined
    here = Reflect.get(here, step)
  }
  return here
}

function kindOf(value: unknown): string {
  if (value === null) return 'nothing'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'a map'
  return `${shown(value)} (a ${typeof value === 'string' ? 'text' : typeof value})`
}

const words: Record<string, string> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map',
  record: 'a map',
}
const article = (expected: string): string => words[expected] ?? expected

function typeRemedy(shape: FileShape, issue: z.core.$ZodIssueInvalidType, found: unknown, path: Path): string {
  if (issue.expected === 'string' && typeof found !== 'object')
    return fitsQuoted(shape, path, String(found)) ? `Put it in quotes: "${String(found)}".` : rightForm(shape, path)
  if (issue.expected === 'array') return 'Write a list: every item on a line of its own that begins with "- ".'
  if (found === null) return 'Give a value, or remove the key.'
  return rightForm(shape, path)
}

function limit(shape: FileShape, issue: z.core.$ZodIssueTooBig | z.core.$ZodIssueTooSmall, path: Path): string {
  const unit = issue.origin === 'string' ? ' characters' : issue.origin === 'array' ? ' items' : ''
  // Of a number that is too large for any whole number Zod tells only that; the schema knows the real limit.
  const schema = issue.origin === 'int' || issue.origin === 'number' ? shape.schemaAt(path) : null
  return issue.code === 'too_big'
    ? `at most ${schema?.maximum ?? issue.maximum}${unit}`
    : `at least ${schema?.minimum ?? issue.minimum}${unit}`
}

function amount(found: unknown): string {
  if (Array.isArray(found)) return `${found.length} items`
  return typeof found === 'string' ? `${found.length} characters` : shown(found)
}
