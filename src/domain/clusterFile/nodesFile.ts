import { isMap, isScalar, type ParsedNode } from 'yaml'
import type { ClusterSpec, NodeSpec } from '../cluster.ts'
import type { Finding } from '../errors.ts'
import { allFindings, findingAt, type FindingText, openDocument, shortened } from './clusterFile.ts'
import type { Refusal } from './decode.ts'
import type { ClusterFormat } from './format.ts'
import type { KeyFile } from './keyFiles.ts'
import { keyFilesOfNodes } from './keyFilesOf.ts'
import { enlarged, readNodeList } from './nodeList.ts'
import type { Path } from './plainTree.ts'

export type NodesFileReading =
  | {
      readonly ok: true
      readonly nodes: readonly NodeSpec[]
      /** The files that they name. */
      readonly keyFiles: readonly KeyFile[]
      /** Makes a finding about a place in this file. */
      readonly findingAt: (path: Path, found: FindingText, severity?: Finding['severity']) => Finding
    }
  | { readonly ok: false; readonly findings: readonly Finding[] }

const howTo = 'Write `nodes:` and below it each node as in the `spec.nodes` of a cluster file.'

/**
 * A file with nodes that are to come to a cluster: bytes to nodes, or everything that is wrong with them. Never throws,
 * whatever the bytes are; no I/O.
 * @param spec the cluster as it is desired without them
 */
export function readNodesFile(
  bytes: Uint8Array,
  name: string,
  format: ClusterFormat,
  spec: ClusterSpec,
): NodesFileReading {
  const opened = openDocument(bytes, name, { foreign: otherThanNodes, whenEmpty: howTo })
  if (!opened.ok) return opened
  const { tree, at, refusals } = opened
  const read = readNodeList(format, tree.value)
  const found = read.ok ? enlarged(format, spec, read.nodes).findings : read.findings
  const told = found.map(one => findingAt(one, at(one.path, 'atKey' in one && one.atKey), 'error'))
  const findings = allFindings(refusals, told)
  if (!read.ok || findings.length > 0) return { ok: false, findings: shortened(findings) }
  return {
    ok: true,
    nodes: read.nodes,
    keyFiles: keyFilesOfNodes(format, read.nodes),
    findingAt: (path, text, severity = 'error') => findingAt(text, at(path), severity),
  }
}

function otherThanNodes(root: ParsedNode): Refusal | null {
  const refusal = (message: string, remedy: string): Refusal => ({ name: 'no-nodes-file', offset: 0, message, remedy })
  if (!isMap(root)) return refusal('this is no map with the key nodes', howTo)
  const keys = root.items.flatMap(({ key }) => (isScalar(key) ? [key.value] : []))
  if (keys.includes('nodes')) return null
  return keys.includes('spec')
    ? refusal('this is a cluster file, and a list of nodes is needed', `Apply it: slipway apply -f FILE. ${howTo}`)
    : refusal('the key nodes does not stand in it', howTo)
}
