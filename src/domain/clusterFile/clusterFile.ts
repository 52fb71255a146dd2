import { type ClusterFile, clusterFile, clusterSpec, nodeSpec } from '../cluster.ts'
import { checkCluster } from '../clusterRules.ts'
import type { Finding } from '../errors.ts'
import type { FindingName } from '../findingCatalogue.ts'
import { clusterVars, nodeVars } from '../rke2Config.ts'
import type { ClusterDraft } from '../rules/draft.ts'
import { composeDocument } from './compose.ts'
import { decodeClusterFile, type Refusal } from './decode.ts'
import { foreignDocument, foreignText } from './noClusterFile.ts'
import { withFileName } from '../placeholders.ts'
import { type Path, plainTree } from './plainTree.ts'
import { schemaFindings } from './schemaFindings.ts'
import { SourcePlaces } from './sourcePlaces.ts'

/** More than anybody reads; the rest is counted. */
const maxFindings = 50

export type ClusterFileReading =
  | {
      readonly ok: true
      readonly file: ClusterFile
      readonly warnings: readonly Finding[]
      /** Makes a finding about a place in this file, for what only others can tell (a key file, another cluster). */
      readonly findingAt: (path: Path, found: FindingText, severity?: Finding['severity']) => Finding
    }
  | { readonly ok: false; readonly findings: readonly Finding[] }

/**
 * The one door for cluster files: bytes to desired state, or everything that is wrong with them. `name` is what
 * findings call the file. Never throws, whatever the bytes are; no I/O.
 */
export function readClusterFile(bytes: Uint8Array, name: string): ClusterFileReading {
  const decoded = decodeClusterFile(bytes)
  const places = new SourcePlaces(name, decoded.text)
  if (!decoded.ok) return refused([decoded.refusal], places)
  const foreign = foreignText(decoded.text)
  if (foreign) return refused([foreign], places)
  const composed = composeDocument(decoded.text)
  if (!composed.ok) return refused(composed.refusals, places)
  if (composed.root === null)
    return refused(
      [{ name: 'empty-file', offset: 0, message: 'the file is empty', remedy: 'Begin with `slipway init`.' }],
      places,
    )
  const other = foreignDocument(composed.root)
  if (other) return refused([other], places)
  const tree = plainTree(composed.root)
  if (!tree.refusals.every(refusal => independent.has(refusal.name))) return refused(tree.refusals, places)
  const at = (path: Path, atKey = false) => places.ofPath(path, tree.places, atKey)

  const parsed = clusterFile.safeParse(tree.value)
  const ofSchema = schemaFindings(parsed.error?.issues ?? [], tree.value).map(found =>
    findingAt(found, at(found.path, found.atKey), 'error'),
  )
  const ofRules = checkCluster(parsed.data?.spec ?? draftOf(tree.value)).map(found =>
    findingAt(found, at(['spec', ...found.path]), found.severity),
  )
  const ofTree = tree.refusals.map(refusal => ofRefusal(refusal, places))
  const refusedAt = new Set(ofTree.map(found => found.about))
  const others = [...ofSchema, ...ofRules].filter(found => !refusedAt.has(found.about))
  const findings = [...ofTree, ...others].toSorted(inFileOrder)
  if (parsed.data && !findings.some(found => found.severity === 'error'))
    return {
      ok: true,
      file: parsed.data,
      warnings: findings,
      findingAt: (path, found, severity = 'error') => findingAt(found, at(path), severity),
    }
  return { ok: false, findings: shortened(findings) }
}

/** Refusals that leave the rest of the file as it was meant, so that the rest can be judged in the same go. */
const independent = new Set<FindingName>(['duplicate-key', 'control-character', 'reserved-key'])

const refused = (refusals: readonly Refusal[], places: SourcePlaces): ClusterFileReading => ({
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

const findingAt = (found: FindingText, place: Place, severity: Finding['severity']): Finding => ({
  name: found.name,
  severity,
  about: `${place.file}:${place.line}:${place.column}${place.path ? ` ${place.path}` : ''}`,
  message: found.message,
  remedy: found.remedy,
  place,
})

const inFileOrder = (one: Finding, other: Finding): number =>
  (one.place?.line ?? 0) - (other.place?.line ?? 0) || (one.place?.column ?? 0) - (other.place?.column ?? 0)

function shortened(findings: readonly Finding[]): readonly Finding[] {
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

/** The parts of a wrong file that are right, so that the rules over the whole are checked in the same go. */
function draftOf(value: unknown): ClusterDraft {
  const spec = entry(value, 'spec')
  const nodes = entry(spec, 'nodes')
  return {
    version: clusterSpec.shape.version.safeParse(entry(spec, 'version')).data,
    api_endpoint: clusterSpec.shape.api_endpoint.safeParse(entry(spec, 'api_endpoint')).data,
    cluster_vars: varsOf(clusterVars, entry(spec, 'cluster_vars')),
    artifact_url: clusterSpec.shape.artifact_url.safeParse(entry(spec, 'artifact_url')).data,
    artifact_path: clusterSpec.shape.artifact_path.safeParse(entry(spec, 'artifact_path')).data,
    proxy: clusterSpec.shape.proxy.safeParse(entry(spec, 'proxy')).data,
    nodes: (Array.isArray(nodes) ? nodes : []).map(draftOfNode),
  }
}

const draftOfNode = (node: unknown): ClusterDraft['nodes'][number] => ({
  hostname: nodeSpec.shape.hostname.safeParse(entry(node, 'hostname')).data,
  role: nodeSpec.shape.role.safeParse(entry(node, 'role')).data,
  internal_ip: nodeSpec.shape.internal_ip.safeParse(entry(node, 'internal_ip')).data,
  external_ip: nodeSpec.shape.external_ip.safeParse(entry(node, 'external_ip')).data,
  use_external_ip: nodeSpec.shape.use_external_ip.safeParse(entry(node, 'use_external_ip')).data,
  node_vars: varsOf(nodeVars, entry(node, 'node_vars')),
})

const varsOf = <Vars>(
  schema: { safeParse(value: unknown): { data?: Vars } },
  value: unknown,
): Vars | null | undefined => (value === undefined ? undefined : (schema.safeParse(value).data ?? null))

function entry(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined
}
