import type { ClusterSpec } from '../domain/cluster.ts'
import type { ClusterFormat } from '../domain/clusterFile/format.ts'
import { enlarged, readNodeList } from '../domain/clusterFile/nodeList.ts'
import { readNodesFile } from '../domain/clusterFile/nodesFile.ts'
import { type Finding, SlipwayError } from '../domain/errors.ts'
import { clusterDetailShape } from '../contract/clusters.ts'
import { formats } from '../distributions/index.ts'
import type { Client } from './client/client.ts'
import { readWritten } from './clusterFileInput.ts'
import { readKeyFile } from './keyFileInput.ts'

/** Nodes that are to come to a cluster, as the API takes them. */
export interface NodesInput {
  readonly nodes: readonly Readonly<Record<string, unknown>>[]
  /** Contents of the files that they name, by the path as it is written. */
  readonly files: Readonly<Record<string, string>>
  readonly warnings: readonly Finding[]
}

/** What they come to: the desired state, and the format of its distribution. */
export interface Receiving {
  readonly format: ClusterFormat
  readonly spec: ClusterSpec
}

/** @throws SlipwayError `not-found`, or `usage` for a distribution that this version does not have. */
export async function readReceiving(client: Client, cluster: string): Promise<Receiving> {
  const { distribution, spec } = await client.get(`/clusters/${encodeURIComponent(cluster)}`, clusterDetailShape)
  const format = formats.find(one => one.distribution === distribution)
  if (!format) throw new SlipwayError('usage', `nodes are not brought into clusters of ${distribution}`)
  return { format, spec }
}

/**
 * Reads and checks a file with a list `nodes`, and the key files it names. `-` is standard input.
 * @throws SlipwayError `file-unreadable`, or `cluster-file-invalid` with everything that is wrong.
 */
export async function readNodesInput(path: string, { format, spec }: Receiving): Promise<NodesInput> {
  const name = path === '-' ? 'standard input' : path
  const { bytes, folder } = await readWritten(path, name)
  const reading = readNodesFile(bytes, name, format, spec)
  if (!reading.ok) throw invalid(name, reading.findings)
  const keys = await Promise.all(reading.keyFiles.map(key => readKeyFile(key, folder, reading)))
  const findings = keys.flatMap(key => key.findings)
  if (findings.some(({ severity }) => severity === 'error')) throw invalid(name, findings)
  return {
    nodes: reading.nodes.map(node => ({ ...node })),
    files: Object.fromEntries(keys.map(({ file, text }) => [file, text])),
    warnings: findings,
  }
}

/**
 * Nodes as they are typed: `w4=10.0.0.24`.
 * @throws SlipwayError `usage`, or `cluster-file-invalid` with everything that is wrong.
 */
export function nodesOfWords(words: readonly string[], role: string, { format, spec }: Receiving): NodesInput {
  const machines = spec.machines !== undefined
  const nodes = words.map(word => ({
    // In a cluster whose machines Slipway makes a name is enough.
    ...(machines && !word.includes('=') ? { hostname: word, machine: {} } : nodeOfWord(word)),
    role,
  }))
  const read = readNodeList(format, { nodes })
  const found = read.ok ? enlarged(format, spec, read.nodes).findings : read.findings
  const findings = found.map(({ name, path, message, remedy }): Finding => {
    const word = typeof path[1] === 'number' ? words[path[1]] : undefined
    return { name, severity: 'error', about: word ?? words.join(' '), message, remedy }
  })
  if (findings.length > 0) throw invalid(words.join(' '), findings)
  return { nodes, files: {}, warnings: [] }
}

/** A node as it is typed: `w4=10.0.0.24`. @throws SlipwayError `usage`. */
export function nodeOfWord(word: string): { readonly hostname: string; readonly internal_ip: string } {
  const [hostname, internal_ip, ...more] = word.split('=')
  if (hostname && internal_ip && more.length === 0) return { hostname, internal_ip }
  throw new SlipwayError('usage', `${word}: a node is given with its address`, {
    remedy: `Write it like this: ${hostname || 'w4'}=10.0.0.24.`,
  })
}

const invalid = (name: string, findings: readonly Finding[]): SlipwayError => {
  const { length } = findings.filter(({ severity }) => severity === 'error')
  return new SlipwayError('cluster-file-invalid', `${name}: ${length} ${length === 1 ? 'error' : 'errors'}`, {
    findings,
    remedy: 'Fix what is listed, and add them again.',
  })
}
