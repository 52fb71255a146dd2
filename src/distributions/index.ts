import type { ClusterFormat } from '../domain/clusterFile/format.ts'
import { createFindingCatalogue } from '../domain/findingCatalogue.ts'
import { platformFindings } from '../platform/findings.ts'
import type { Distribution } from './contract.ts'
import { kubesprayFormat } from './kubespray/spec/format.ts'
import { registeredFormat, registeredKinds } from './registered/format.ts'
import { rke2Format } from './rke2/spec/format.ts'

interface KnownDistribution {
  readonly format: ClusterFormat
  /** Its stages, with all that they need: whoever only reads cluster files does without. */
  load(): Promise<Distribution>
}

/** All distributions of this version whose clusters are made here. */
const known: readonly KnownDistribution[] = [
  { format: rke2Format, load: async () => (await import('./rke2/index.ts')).rke2 },
  { format: kubesprayFormat, load: async () => (await import('./kubespray/index.ts')).kubespray },
]

/** The one that a new cluster file is written for. */
export const newCluster = rke2Format

export const formats: readonly ClusterFormat[] = known.map(({ format }) => format)

/** Also those of clusters that others make, and that are discovered. */
export const allFormats: readonly ClusterFormat[] = [...formats, ...registeredKinds.map(registeredFormat)]

/** What findings of this version mean. */
export const findings = createFindingCatalogue([...formats.map(format => format.findings), platformFindings])

/** Also those of which clusters are only known. */
export async function loadDistributions(): Promise<readonly Distribution[]> {
  const { registeredDistributions } = await import('./registered/index.ts')
  return [...(await Promise.all(known.map(each => each.load()))), ...registeredDistributions]
}
