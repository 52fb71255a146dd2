import { createHash } from 'node:crypto'
import { isAlias, isMap, isScalar, isSeq, LineCounter, parseAllDocuments, type YAMLMap } from 'yaml'
import { type KeyFileFault, type Reading, refuse, withoutMark } from '../../../domain/clusterFile/secretLine.ts'

/** One document of a file with objects of Kubernetes. */
export interface KubernetesDocument {
  readonly apiVersion: string
  readonly kind: string
  /** null: it has none, as a List. */
  readonly name: string | null
  readonly namespace: string | null
  /** `spec.valuesContent` of a chart; undefined: there is none, null: it is no text. */
  readonly values: string | null | undefined
}

/** RKE2 takes the last of two equal keys; to compare each key with all others would take minutes for a large map. */
const quietly = { logLevel: 'silent', prettyErrors: false, uniqueKeys: false } as const

const wrong = (message: string, remedy: string): KeyFileFault => ({ name: 'manifest-invalid', message, remedy })

/** A megabyte takes a second, and the same files come with every plan. */
const known = new Map<string, Reading<readonly KubernetesDocument[]>>()
const mostKnown = 1000

/** The documents of a YAML or JSON file; empty ones are left out, as RKE2 does. Never throws, never quotes what stands in them. */
export function readDocuments(contents: string): Reading<readonly KubernetesDocument[]> {
  const digest = createHash('sha256').update(contents).digest('base64')
  const before = known.get(digest)
  if (before) return before
  const reading = parseDocuments(withoutMark(contents))
  if (known.size >= mostKnown) known.clear()
  known.set(digest, reading)
  return reading
}

/**
 * Signs that YAML 1.1, which Kubernetes reads, ends at, and those that are line ends to it and to nobody else: after one of
 * these a comment goes on as something else.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones that are looked for
const unfit = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufffe\uffff]/

function parseDocuments(text: string): Reading<readonly KubernetesDocument[]> {
  const lines = new LineCounter()
  const sign = text.search(unfit)
  if (sign >= 0) {
    const line = text.slice(0, sign).split('\n').length
    const code = text.charCodeAt(sign).toString(16).toUpperCase().padStart(4, '0')
    return refused(
      wrong(
        `in line ${line} stands the sign U+${code}, which is no part of YAML, or a line end to Kubernetes alone`,
        'Remove it, or write it as \\uXXXX in double quotes.',
      ),
    )
  }
  const documents = parseAllDocuments(text, { ...quietly, lineCounter: lines })
  const found: KubernetesDocument[] = []
  if (!Array.isArray(documents)) return refused(wrong('it holds no object', putObject))
  for (const { contents: root, errors } of documents) {
    const [error] = errors
    if (error) {
      const { line } = lines.linePos(error.pos[0])
      return refused(
        wrong(
          `line ${line} is not YAML that Kubernetes could read (${error.code.toLowerCase().replaceAll('_', ' ')})`,
          text.includes('{{')
            ? 'A template of Helm is no manifest: render it (`helm template`), or name the chart in an object of kind HelmChart.'
            : 'Put that line right; `kubectl apply --dry-run=client -f FILE` reads the file as well.',
        ),
      )
    }
    if (root === null || (isScalar(root) && root.value === null)) continue
    const at = `the object at line ${lines.linePos(root.range?.[0] ?? 0).line}`
    if (!isMap(root)) return refused(wrong(`${at} is no map`, putObject))
    const document = documentOf(root)
    if (document === null) return refused(wrong(`${at} has no apiVersion and kind`, putObject))
    found.push(document)
  }
  return found.length > 0 ? { ok: true, value: found } : refused(wrong('it holds no object', putObject))
}

const refused = <Value>({ name, message, remedy }: KeyFileFault): Reading<Value> => refuse(name, message, remedy)

const putObject = 'Each document between the lines `---` is one object, with apiVersion, kind and metadata.name.'

function documentOf(root: YAMLMap): KubernetesDocument | null {
  const apiVersion = textAt(root, 'apiVersion')
  const kind = textAt(root, 'kind')
  if (apiVersion === null || kind === null) return null
  const metadata = root.get('metadata')
  const at = (key: string) => (isMap(metadata) ? textAt(metadata, key) : null)
  return { apiVersion, kind, name: at('name'), namespace: at('namespace'), values: valuesOf(root) }
}

function valuesOf(root: YAMLMap): string | null | undefined {
  const spec = root.get('spec')
  const value: unknown = isMap(spec) ? spec.get('valuesContent') : undefined
  return value === undefined || typeof value === 'string' ? value : null
}

function textAt(map: YAMLMap, key: string): string | null {
  const value = map.get(key)
  return typeof value === 'string' && value !== '' ? value : null
}

/** Whether a list stands at the top-level key of the only document. */
export function hasList(contents: string, key: string): boolean {
  const [document] = parseAllDocuments(withoutMark(contents), quietly)
  const value = document && 'contents' in document && isMap(document.contents) ? document.contents.get(key) : null
  return isSeq(value) || isAlias(value)
}
