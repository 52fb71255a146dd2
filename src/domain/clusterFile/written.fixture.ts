import type { ClusterSpec } from '../cluster.ts'
import { type ClusterFileReading, readClusterFile } from './clusterFile.ts'

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

export const readWritten = (lines: readonly string[], nodes?: readonly string[]): ClusterFileReading =>
  readClusterFile(new TextEncoder().encode(written(lines, nodes)), 'c.yaml')

/** @throws Error with the findings where there are some. */
export function specOf(lines: readonly string[], nodes?: readonly string[]): ClusterSpec {
  const reading = readWritten(lines, nodes)
  if (!reading.ok) throw new Error(reading.findings.map(({ about, message }) => `${about} ${message}`).join('\n'))
  return reading.file.spec
}

/** Every finding as `PATH: NAME: MESSAGE REMEDY`. */
export function findingsOf(lines: readonly string[], nodes?: readonly string[]): string[] {
  const reading = readWritten(lines, nodes)
  const found = reading.ok ? reading.warnings : reading.findings
  return found.map(({ place, name, message, remedy }) => `${place?.path}: ${name}: ${message} ${remedy}`)
}
