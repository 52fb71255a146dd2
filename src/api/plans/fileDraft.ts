import { isDeepStrictEqual } from 'node:util'
import type { ClusterDocument } from '../../contract/plans.ts'
import type { ClusterFile, NodeSpec } from '../../domain/cluster.ts'
import { comingBackFindings, mergeNodes, returningNodes } from '../../domain/rules/threeWay.ts'
import { undoneFindings } from '../../platform/edits/undone.ts'
import { platformSpec } from '../../platform/spec.ts'
import { type AppliedBefore, readAppliedBefore } from '../../store/appliedBefore.ts'
import { readStoredSpec } from '../../store/clusters.ts'
import { readStoredFiles } from '../../store/storedFiles.ts'
import type { Database } from '../../store/tables.ts'
import type { Application } from '../application.ts'
import { readDocument } from '../documents/readDocument.ts'
import { type DesiredDraft, sameNodes } from './draft.ts'

/**
 * What a cluster file asks for, beside what was done to the nodes of the cluster since a file was applied last.
 * @param leaving who is to leave the cluster, by name
 * @throws SlipwayError `cluster-file-invalid`, `stored-state-refused`.
 */
export async function fileDraft(
  { store, sealer, distributions }: Application,
  document: ClusterDocument,
  leaving: readonly string[],
): Promise<DesiredDraft> {
  const { desired: written, files } = readDocument(distributions, document)
  const { name } = written.metadata
  const before = await readAppliedBefore(store.database, name)
  const { desired, membership } = before
    ? merged(written, before, leaving, await desiredPlatform(store.database, name))
    : { desired: written, membership: sameNodes }
  const keyFiles = distributions.keyFilesOf(desired.spec)
  // The file does not name those of the nodes that stay.
  const others = keyFiles.filter(({ file }) => !Object.hasOwn(files, file))
  const stored = others.length > 0 ? await readStoredFiles(store.database, sealer, name, others) : {}
  return { desired, written, keyFiles, files: { ...stored, ...files }, membership }
}

function merged(
  written: ClusterFile,
  { named, file, desired, removed }: AppliedBefore,
  leaving: readonly string[],
  desiredPlatform: unknown,
): Pick<DesiredDraft, 'desired' | 'membership'> {
  const { spec } = written
  const { nodes, kept, comingBack } = mergeNodes<{ readonly hostname: string; spec?(): NodeSpec }>({
    file: spec.nodes,
    lastApplied: named,
    desired,
    leaving,
  })
  const own = new Map(spec.nodes.map(node => [node.hostname, node]))
  const present = new Set(desired.map(({ hostname }) => hostname))
  return {
    desired: {
      ...written,
      spec: { ...spec, nodes: nodes.flatMap(node => own.get(node.hostname) ?? node.spec?.() ?? []) },
    },
    membership: {
      findings: [
        ...comingBackFindings(comingBack),
        ...undoneFindings({
          file: platformIn(spec.platform),
          lastApplied: platformIn(file?.spec.platform),
          desired: platformIn(desiredPlatform),
        }),
      ],
      kept,
      returning: returningNodes(spec.nodes, present, removed),
      isNewFile:
        !named ||
        named.size !== own.size ||
        [...own.keys()].some(name => !named.has(name)) ||
        !isDeepStrictEqual(platformIn(spec.platform), platformIn(file?.spec.platform)),
    },
  }
}

/** What is stored now; what an earlier version took and this one refuses is about to be replaced. */
async function desiredPlatform(database: Database, cluster: string): Promise<unknown> {
  const stored = await readStoredSpec(database, cluster)
  return stored.ok ? stored.spec.platform : undefined
}

const platformIn = (platform: unknown) => platformSpec.optional().safeParse(platform).data
