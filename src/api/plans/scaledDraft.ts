import { storedFinding } from '../../contract/finding.ts'
import type { ScaleAdd } from '../../contract/operations.ts'
import type { ClusterSpec, NodeSpec } from '../../domain/cluster.ts'
import { withoutNodes } from '../../domain/desired/withoutNodes.ts'
import { fileOf, type KeyFile, keyFileFault } from '../../domain/clusterFile/keyFiles.ts'
import { keyFilesOfNodes } from '../../domain/clusterFile/keyFilesOf.ts'
import { enlarged, readNodeList } from '../../domain/clusterFile/nodeList.ts'
import { type Path, writtenPath } from '../../domain/clusterFile/plainTree.ts'
import { returningNodes } from '../../domain/rules/threeWay.ts'
import { type Finding, SlipwayError } from '../../domain/errors.ts'
import { readAppliedBefore } from '../../store/appliedBefore.ts'
import { readRecordedCluster } from '../../store/recordedCluster.ts'
import { readStoredFiles } from '../../store/storedFiles.ts'
import type { Application } from '../application.ts'
import type { DesiredDraft } from './draft.ts'

/**
 * What is stored without these nodes; another server has the role of the first one, where that one is among them.
 * @throws SlipwayError as `withoutNodes`.
 */
export async function smallerDraft(
  { store, distributions }: Application,
  stored: DesiredDraft,
  { nodes: names, successor }: { readonly nodes: readonly string[]; readonly successor: string | null },
): Promise<DesiredDraft> {
  const { desired } = stored
  const recorded = (await readRecordedCluster(store.database, desired.metadata.name)) ?? { nodes: [] }
  const spec = { ...desired.spec, nodes: withoutNodes(desired.spec.nodes, { names, successor }, recorded) }
  return { ...stored, desired: { ...desired, spec }, keyFiles: distributions.keyFilesOf(spec) }
}

/**
 * What is stored with these nodes as well.
 * @throws SlipwayError `cluster-file-invalid` with everything that is wrong with them.
 */
export async function largerDraft(
  application: Application,
  stored: DesiredDraft,
  added: Pick<ScaleAdd, 'nodes' | 'files'>,
): Promise<DesiredDraft> {
  const { store, distributions } = application
  const { desired } = stored
  const { name } = desired.metadata
  const { spec, files } = await withNewNodes(application, { name, spec: desired.spec }, added)
  const before = await readAppliedBefore(store.database, name)
  const present = new Set(before?.desired.map(({ hostname }) => hostname))
  return {
    ...stored,
    desired: { ...desired, spec },
    keyFiles: distributions.keyFilesOf(spec),
    files: { ...stored.files, ...files },
    membership: { ...stored.membership, returning: returningNodes(spec.nodes, present, before?.removed ?? new Map()) },
  }
}

/** A cluster with new nodes behind its own, and the contents of the files that those name. */
interface WithNewNodes {
  readonly spec: ClusterSpec
  readonly nodes: readonly NodeSpec[]
  readonly files: Readonly<Record<string, string>>
}

/**
 * Reads nodes that are to come, as a request brings them.
 * @throws SlipwayError `cluster-file-invalid` with everything that is wrong with them.
 */
export async function withNewNodes(
  { store, sealer, distributions }: Pick<Application, 'store' | 'sealer' | 'distributions'>,
  cluster: { readonly name: string; readonly spec: ClusterSpec },
  { nodes: given, files }: Pick<ScaleAdd, 'nodes' | 'files'>,
): Promise<WithNewNodes> {
  const { format } = distributions.of(cluster.spec)
  const read = readNodeList(format, { nodes: given })
  if (!read.ok)
    throw invalid(
      read.findings.map(({ path, name: found, message, remedy }) => ofPath(path, { name: found, message, remedy })),
    )
  const { spec, findings } = enlarged(format, cluster.spec, read.nodes)
  const named = keyFilesOfNodes(format, read.nodes)
  const known = await readStoredFiles(store.database, sealer, cluster.name, named)
  const faults = [...findings.map(storedFinding), ...named.flatMap(key => fileFaults(key, files, known))]
  if (faults.length > 0) throw invalid(faults)
  return { spec, nodes: read.nodes, files: Object.fromEntries(named.map(({ file }) => [file, files[file] ?? ''])) }
}

/** By one path the cluster knows one file: another one that nodes bring along would take the place of that of all others. */
function fileFaults(key: KeyFile, files: ScaleAdd['files'], known: Readonly<Record<string, string>>): Finding[] {
  const { file, path } = key
  const text = Object.hasOwn(files, file) ? files[file] : undefined
  if (text === undefined) {
    const remedy = 'Send them in `files`, under the path as the node writes it.'
    return [ofPath(path, { name: 'key-file-missing', message: `the contents of ${file} were not sent`, remedy })]
  }
  const fault = keyFileFault(key, fileOf(key.kind, text))
  if (fault) return [ofPath(path, fault)]
  if (!Object.hasOwn(known, file) || known[file] === text) return []
  return [
    ofPath(path, {
      name: 'key-file-differs',
      message: `the cluster knows another file by the path ${file}`,
      remedy:
        'Name this one by another path, as an absolute one. Where the known file is to have these contents, apply the cluster file.',
    }),
  ]
}

const ofPath = (path: Path, found: Pick<Finding, 'name' | 'message' | 'remedy'>): Finding => ({
  severity: 'error',
  about: writtenPath(path),
  ...found,
})

const invalid = (findings: readonly Finding[]): SlipwayError =>
  new SlipwayError('cluster-file-invalid', `the nodes that are to be added: ${findings[0]?.message ?? 'not valid'}`, {
    findings,
    remedy: 'Fix what is listed, and add them again.',
  })
