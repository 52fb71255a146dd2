import { type Rke2Spec, rke2Spec } from '../spec.ts'
import { keyFileKinds, rke2Format } from '../format.ts'
import { keyFileFault, loginFileKinds } from '../../../../domain/clusterFile/keyFiles.ts'
import type { KeyFileFault } from '../../../../domain/clusterFile/secretLine.ts'
import { type ClusterFileReading, readClusterFile } from '../../../../domain/clusterFile/clusterFile.ts'

/** A cluster of three nodes, with `lines` put into its spec, each on a line of its own. */
export function written(lines: readonly string[] = [], nodes: readonly string[] = threeNodes): string {
  const spec = [
    'distribution: rke2',
    'version: v1.34.1+rke2r1',
    ...lines,
    'nodes:',
    ...nodes.map(node => `  - ${node}`),
  ]
  const replaced = spec.filter((line, index) => !(index === 1 && lines.some(other => other.startsWith('version:'))))
  return `apiVersion: slipway/v1\nkind: Cluster\nmetadata: { name: demo }\nspec:\n${replaced.map(line => `  ${line}\n`).join('')}`
}

const threeNodes = [
  '{ hostname: m1, internal_ip: 10.0.0.11, role: initial_master }',
  '{ hostname: w1, internal_ip: 10.0.0.21, role: worker }',
]

export const dualNodes = [
  '{ hostname: m1, internal_ip: "10.0.0.11,fd00::11", role: initial_master }',
  '{ hostname: w1, internal_ip: [10.0.0.21, "fd00::21"], role: worker }',
]

/** The one door for cluster files, with RKE2 as the only distribution there is. */
export const readRke2File = (bytes: Uint8Array, name: string): ClusterFileReading =>
  readClusterFile(bytes, name, [rke2Format])

const kinds = { ...keyFileKinds, ...loginFileKinds }

/** What is wrong with the contents of a file that holds a secret of this kind; null: nothing. */
export const faultIn = (kind: keyof typeof kinds, bytes: Uint8Array): KeyFileFault | null =>
  keyFileFault({ kind: kinds[kind], file: './file' }, bytes)

export const readWritten = (lines: readonly string[], nodes?: readonly string[]): ClusterFileReading =>
  readRke2File(new TextEncoder().encode(written(lines, nodes)), 'c.yaml')

/** @throws Error with the findings where there are some. */
export function specOf(lines: readonly string[], nodes?: readonly string[]): Rke2Spec {
  const reading = readWritten(lines, nodes)
  if (!reading.ok) throw new Error(reading.findings.map(({ about, message }) => `${about} ${message}`).join('\n'))
  return rke2Spec.parse(reading.file.spec)
}

/** Every finding as `PATH: NAME: MESSAGE REMEDY`. */
export function findingsOf(lines: readonly string[], nodes?: readonly string[]): string[] {
  const reading = readWritten(lines, nodes)
  const found = reading.ok ? reading.warnings : reading.findings
  return found.map(({ place, name, message, remedy }) => `${place?.path}: ${name}: ${message} ${remedy}`)
}
