import type { KubeconfigReader } from '../clusters/session.ts'
import type { ClusterFile, ClusterSpec } from '../domain/cluster.ts'
import type { KeyFile } from '../domain/clusterFile/keyFiles.ts'
import { keyFilesOf } from '../domain/clusterFile/keyFilesOf.ts'
import { SlipwayError } from '../domain/errors.ts'
import { createFindingCatalogue, type FindingCatalogue } from '../domain/findingCatalogue.ts'
import { platformFindings } from '../platform/findings.ts'
import type { Distribution } from './contract.ts'
import { readSpec } from './readSpec.ts'

/** What a process knows of its distributions. */
export interface Distributions {
  readonly all: readonly Distribution[]
  readonly findings: FindingCatalogue
  /** @throws SlipwayError `usage` for a name that this version does not know. */
  of(spec: Pick<ClusterSpec, 'distribution'>): Distribution
  /** A stored desired state as its distribution reads it. @throws SlipwayError `stored-state-refused` */
  read(stored: ClusterFile): ClusterFile
  /** Every file that a cluster file with this spec names. */
  keyFilesOf(spec: ClusterSpec): readonly KeyFile[]
  /** Null: on the servers of such a cluster no kubeconfig is read. */
  kubeconfigReader(spec: ClusterSpec): KubeconfigReader | null
}

export function createDistributions(all: readonly Distribution[]): Distributions {
  const of = ({ distribution }: Pick<ClusterSpec, 'distribution'>): Distribution => {
    const found = all.find(({ format }) => format.distribution === distribution)
    if (found) return found
    const names = all.map(({ format }) => format.distribution).join(', ')
    throw new SlipwayError('usage', `this version has no distribution ${distribution}; it has ${names}`)
  }
  return {
    all,
    findings: createFindingCatalogue([...all.map(({ format }) => format.findings), platformFindings]),
    of,
    read: stored => ({ ...stored, spec: readSpec(of(stored.spec).format, stored) }),
    keyFilesOf: spec => keyFilesOf(of(spec).format, spec),
    kubeconfigReader: spec => of(spec).readKubeconfig ?? null,
  }
}
