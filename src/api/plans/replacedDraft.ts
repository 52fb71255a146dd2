import type { NodeReplace } from '../../contract/operations.ts'
import { replaced, replacementOf } from '../../domain/desired/replacement.ts'
import { readRecordedCluster } from '../../store/recordedCluster.ts'
import type { Application } from '../application.ts'
import type { DesiredDraft } from './draft.ts'
import { withNewNodes } from './scaledDraft.ts'

/**
 * What is stored with another node in the place of one.
 * @throws SlipwayError `preflight-failed` where that cannot be, `cluster-file-invalid` with everything that is wrong with
 * the new one.
 */
export async function replacedDraft(
  application: Application,
  stored: DesiredDraft,
  { node, by, files, successor }: NodeReplace,
): Promise<DesiredDraft> {
  const { store, distributions } = application
  const { metadata, spec } = stored.desired
  const { name } = metadata
  const { nodes } = spec
  const replacement = replacementOf({ cluster: name, nodes, node, by })
  if (!replacement) return stored
  const { old } = replacement
  const recorded = (await readRecordedCluster(store.database, name)) ?? { nodes: [] }
  // What is wrong with who comes is told beside those that stay.
  const others = { ...spec, nodes: nodes.filter(each => each !== old) }
  const read = await withNewNodes(
    application,
    { name, spec: others },
    { nodes: [replacement.newcomer], files: { ...stored.files, ...files } },
  )
  const [newcomer] = read.nodes
  if (!newcomer) throw new TypeError('a list of one node was read')
  const wanted = { ...spec, nodes: replaced(nodes, { old, newcomer }, successor, recorded) }
  return {
    ...stored,
    desired: { ...stored.desired, spec: wanted },
    keyFiles: distributions.keyFilesOf(wanted),
    files: { ...stored.files, ...read.files },
  }
}
