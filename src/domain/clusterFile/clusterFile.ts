import type { ParsedNode } from 'yaml'
import type { ClusterFile } from '../cluster.ts'
import type { Finding } from '../errors.ts'
import type { FindingName } from '../findingCatalogue.ts'
import { composeDocument } from './compose.ts'
import { decodeClusterFile, type Refusal } from './decode.ts'
import type { ClusterFormat, FolderContents, NamedFolder } from './format.ts'
import { type KeyFile } from './keyFiles.ts'
import { withMachineNodes } from './machineNodes.ts'
import { foreignDocument, foreignText } from './noClusterFile.ts'
import { withFileName } from '../placeholders.ts'
import { type Path, type PlainTree, plainTree } from './plainTree.ts'
import { schemaFindings } from './schemaFindings.ts'
import { type FileShape, shapeOf } from './shape.ts'
import { SourcePlaces } from './sourcePlaces.ts'
import { keyFilesOf } from './keyFilesOf.ts'

/** More than anybody reads; the rest is counted. */
const maxFindings = 50

export type ClusterFileReading =
  | {
      readonly ok: true
      readonly file: ClusterFile
      readonly format: ClusterFormat
      /** Folders that it names in place of the files in them. */
      readonly folders: readonly NamedFolder[]
      /** Whether a file of this name is meant by the folder that it lies in. */
      readonly takes: (name: string) => boolean
      /** The file with those files in place of their folders, those that it names then, and what is wrong with them together. */
      readonly withFiles: (contents: FolderContents) => FilledFile
      readonly warnings: readonly Finding[]
      /** Makes a finding about a place in this file, for what only others can tell (a key file, another cluster). */
      readonly findingAt: (path: Path, found: FindingText, severity?: Finding['severity']) => Finding
    }
  | { readonly ok: false; readonly findings: readonly Finding[] }

export interface FilledFile {
  readonly file: ClusterFile
  readonly keyFiles: readonly KeyFile[]
  readonly findings: readonly Finding[]
}

/**
 * The one door for cluster files: bytes to desired state, or everything that is wrong with them. `name` is what
 * findings call the file. Never throws, whatever the bytes are; no I/O.
 * @param formats what the distributions say of their part; one at least.
 */
export function readClusterFile(
  bytes: Uint8Array,
  name: string,
  formats: readonly ClusterFormat[],
): ClusterFileReading {
  const opened = openDocument(bytes, name, {
    foreign: root => foreignDocument(root, formats),
    whenEmpty: 'Begin with `slipway init`.',
  })
  if (!opened.ok) return opened
  const { tree, at } = opened
  const value = withMachineNodes(tree.value)
  const shape = shapeFor(value, formats)
  const { format } = shape
  const parsed = shape.file.safeParse(value)
  const ofSchema = schemaFindings(shape, parsed.error?.issues ?? [], value).map(found =>
    findingAt(found, at(found.path, found.atKey), 'error'),
  )
  const rules = parsed.data ? format.checkSpec(parsed.data.spec) : format.checkParts(valueAt(value, 'spec'))
  const ofRules = rules.map(found => findingAt(found, at(['spec', ...found.path]), found.severity))
  const findings = allFindings(opened.refusals, [...ofSchema, ...ofRules])
  if (parsed.data && !findings.some(found => found.severity === 'error')) {
    const file = parsed.data
    return {
      ok: true,
      file,
      format,
      folders: format.folders?.of(file.spec) ?? [],
      takes: fileName => format.folders?.takes(fileName) ?? false,
      withFiles(contents) {
        const filled = format.folders?.filled(file.spec, contents)
        if (!filled) return { file, keyFiles: keyFilesOf(format, file.spec), findings: [] }
        const named = keyFilesOf(format, filled.spec)
        return {
          file: { ...file, spec: filled.spec },
          keyFiles: named.map(key => ({ ...key, path: filled.writtenAt(key.path) ?? key.path })),
          findings: filled.findings.map(found => findingAt(found, at(['spec', ...found.path]), found.severity)),
        }
      },
      warnings: findings,
      findingAt: (path, found, severity = 'error') => findingAt(found, at(path), severity),
    }
  }
  return { ok: false, findings: shortened(findings) }
}

/** What a text must be before anything in it is judged. */
export interface ExpectedDocument {
  /** What is to be said of one that is something else; null: it may be what is wanted. */
  foreign(root: ParsedNode): Refusal | null
  /** What to do about one that is empty. */
  readonly whenEmpty: string
}

type OpenedDocument =
  | {
      readonly ok: true
      readonly tree: PlainTree
      /** What is refused in it, while the rest can be judged. */
      readonly refusals: readonly Finding[]
      readonly at: (path: Path, atKey?: boolean) => Place
    }
  | { readonly ok: false; readonly findings: readonly Finding[] }

/** Bytes to plain values with their places, whatever they are to mean. */
export function openDocument(bytes: Uint8Array, name: string, expected: ExpectedDocument): OpenedDocument {
  const decoded = decodeClusterFile(bytes)
  const places = new SourcePlaces(name, decoded.text)
  if (!decoded.ok) return refused([decoded.refusal], places)
  const foreign = foreignText(decoded.text)
  if (foreign) return refused([foreign], places)
  const composed = composeDocument(decoded.text)
  if (!composed.ok) return refused(composed.refusals, places)
  if (composed.root === null)
    return refused(
      [{ name: 'empty-file', offset: 0, message: 'the file is empty', remedy: expected.whenEmpty }],
      places,
    )
  const other = expected.foreign(composed.root)
  if (other) return refused([other], places)
  const tree = plainTree(composed.root)
  if (!tree.refusals.every(refusal => independent.has(refusal.name))) return refused(tree.refusals, places)
  return {
    ok: true,
    tree,
    refusals: tree.refusals.map(refusal => ofRefusal(refusal, places)),
    at: (path, atKey = false) => places.ofPath(path, tree.places, atKey),
  }
}

/** In the order of the file; of a place that is refused as it stands nothing else is told. */
export function allFindings(refusals: readonly Finding[], others: readonly Finding[]): Finding[] {
  const refusedAt = new Set(refusals.map(found => found.about))
  return [...refusals, ...others.filter(found => !refusedAt.has(found.about))].toSorted(inFileOrder)
}

/** Refusals that leave the rest of the file as it was meant, so that the rest can be judged in the same go. */
const independent = new Set<FindingName>(['duplicate-key', 'control-character', 'reserved-key'])

const refused = (
  refusals: readonly Refusal[],
  places: SourcePlaces,
): { readonly ok: false; readonly findings: readonly Finding[] } => ({
  ok: false,
  findings: shortened(refusals.map(refusal => ofRefusal(refusal, places))),
})

function ofRefusal(refusal: Refusal, places: SourcePlaces): Finding {
  const place = places.ofOffset(refusal.offset, refusal.path ?? '')
  const isNamed = refusal.name === 'yaml-syntax' && place.file !== 'standard input'
  return findingAt(isNamed ? { ...refusal, remedy: withFileName(refusal.remedy, place.file) } : refusal, place, 'error')
}

type Place = NonNullable<Finding['place']>

export type FindingText = Pick<Finding, 'name' | 'message' | 'remedy'>

export const findingAt = (found: FindingText, place: Place, severity: Finding['severity']): Finding => ({
  name: found.name,
  severity,
  about: `${place.file}:${place.line}:${place.column}${place.path ? ` ${place.path}` : ''}`,
  message: found.message,
  remedy: found.remedy,
  place,
})

const inFileOrder = (one: Finding, other: Finding): number =>
  (one.place?.line ?? 0) - (other.place?.line ?? 0) || (one.place?.column ?? 0) - (other.place?.column ?? 0)

export function shortened(findings: readonly Finding[]): readonly Finding[] {
  const last = findings[maxFindings - 1]
  if (findings.length <= maxFindings || !last) return findings
  const more = findings.length - maxFindings
  return [
    ...findings.slice(0, maxFindings),
    {
      ...last,
      name: 'more-findings',
      message: `… and ${more} more below`,
      remedy: 'Fix these first, and check the file again.',
    },
  ]
}

/** Of a file whose distribution is none, or none that is known, the first one's rules are told. */
function shapeFor(tree: unknown, formats: readonly ClusterFormat[]): FileShape {
  const named = valueAt(tree, 'spec', 'distribution')
  const format = formats.find(({ distribution }) => distribution === named) ?? formats[0]
  if (!format) throw new TypeError('no distribution is known')
  const known = shapes.get(format)
  if (known) return known
  const shape = shapeOf(
    format,
    formats.map(({ distribution }) => distribution),
  )
  shapes.set(format, shape)
  return shape
}
/** Made once: the JSON Schema in it is large. */
const shapes = new WeakMap<ClusterFormat, FileShape>()

const valueAt = (value: unknown, ...path: readonly string[]): unknown =>
  path.reduce<unknown>(
    (here, key) =>
      typeof here === 'object' && here !== null && Object.hasOwn(here, key) ? Reflect.get(here, key) : undefined,
    value,
  )
