import { type OperationRequest, removedByName } from '../../contract/operations.ts'
import type { PlanRequest } from '../../contract/plans.ts'
import { readAcceptance } from '../../domain/acceptance.ts'
import { SlipwayError } from '../../domain/errors.ts'
import { readDesiredState } from '../../store/clusters.ts'
import { listDroppedNodes } from '../../store/nodes.ts'
import { readRecordedCluster } from '../../store/recordedCluster.ts'
import { readStoredFiles } from '../../store/storedFiles.ts'
import type { Application } from '../application.ts'
import { type DesiredDraft, type Draft, sameNodes } from './draft.ts'
import { disabledDraft, unknownNames } from './disabledDraft.ts'
import { fileDraft } from './fileDraft.ts'
import { platformDraft } from './platformDraft.ts'
import { removalOf } from './removalOf.ts'
import { replacedDraft } from './replacedDraft.ts'
import { largerDraft, smallerDraft } from './scaledDraft.ts'
import { upgradedDraft } from './upgradedDraft.ts'

/**
 * The desired state that a request is about, with its secrets, and what is to be done with it.
 * @throws SlipwayError `usage`, `cluster-file-invalid`, `not-found`, `stored-state-refused`.
 */
export async function draftOf(application: Application, request: PlanRequest): Promise<Draft> {
  const { operation } = request
  const draft = await desiredDraft(application, request)
  const planned = await plannedOperation(application, draft, operation)
  const named = draft.desired.spec.nodes.map(({ hostname }) => hostname)
  // Machines are named by words of acceptance also when they leave.
  const machines = [...new Set([...named, ...(await leavingOf(application, draft, planned))])]
  const accepted = readAcceptance(application.distributions.findings, request.accept, machines)
  return { ...draft, operation: planned, accepted }
}

async function leavingOf(
  { store }: Application,
  { desired: { metadata, spec } }: DesiredDraft,
  planned: Draft['operation'],
): Promise<readonly string[]> {
  switch (planned.operation) {
    case 'apply':
      return removedByName(planned)
    case 'uninstall': {
      const named = spec.nodes.map(({ hostname }) => hostname)
      return (await listDroppedNodes(store.database, metadata.name, named)).map(({ hostname }) => hostname)
    }
    case 'platform-apply':
    case 'platform-disable':
    case 'platform-rollback':
      return []
    default:
      return planned.nodes
  }
}

async function desiredDraft(application: Application, request: PlanRequest): Promise<DesiredDraft> {
  const { document, operation } = request
  if (document && operation.operation === 'platform-apply')
    return platformDraft(application, document, name => storedDraft(application, name))
  if (document && operation.operation !== 'apply')
    throw new SlipwayError('usage', `${operation.operation} is done to a cluster on record: a document is not wanted`)
  if (document) return fileDraft(application, document, removedByName(operation))
  const stored = await storedDraft(application, request.cluster ?? '')
  switch (operation.operation) {
    case 'scale-add':
      return largerDraft(application, stored, operation)
    case 'scale-remove':
      return smallerDraft(application, stored, operation)
    case 'node-replace':
      return replacedDraft(application, stored, operation)
    case 'platform-upgrade':
      return upgradedDraft(application, stored, operation)
    case 'platform-disable':
      return disabledDraft(application, stored, operation)
    default:
      return stored
  }
}

/** What is stored, as it is. */
async function storedDraft({ store, sealer, distributions }: Application, name: string): Promise<DesiredDraft> {
  const desired = distributions.read(await readDesiredState(store.database, name))
  const keyFiles = distributions.keyFilesOf(desired.spec)
  const files = await readStoredFiles(store.database, sealer, name, keyFiles)
  return { desired, keyFiles, files, written: null, membership: sameNodes }
}

/** To scale is to apply another desired state, and the plan is the one of a file that was edited so. */
async function plannedOperation(
  { store }: Application,
  draft: DesiredDraft,
  request: OperationRequest,
): Promise<Draft['operation']> {
  const { desired } = draft
  switch (request.operation) {
    case 'drain':
    case 'uncordon':
    case 'platform-rollback':
      return request
    case 'platform-apply':
      return { ...request, components: [...new Set(request.components)].toSorted() }
    case 'uninstall': {
      const { confirm: _confirm, ...uninstall } = request
      if (uninstall.keep_snapshots && uninstall.destroy_machines)
        throw new SlipwayError(
          'usage',
          'snapshots are kept on the servers, and the machines of these would be destroyed',
          {
            remedy:
              'Uninstall with --keep-snapshots alone, copy the snapshots away, then destroy the machines: slipway machine destroy.',
          },
        )
      return uninstall
    }
    case 'platform-upgrade':
      return { operation: 'platform-apply', components: [request.component] }
    case 'platform-disable':
      return { ...request, unknown: await unknownNames(store.database, draft, request.components) }
    case 'scale-add':
      return { operation: 'apply', remove: null }
    case 'scale-remove': {
      const { operation: _operation, successor: _successor, ...remove } = request
      return { operation: 'apply', remove: { ...remove, returning: [] } }
    }
    case 'node-replace': {
      const { operation: _operation, successor: _successor, files: _files, node, by, ...eviction } = request
      const returning = by.hostname === node ? [node] : []
      return { operation: 'apply', remove: { ...eviction, nodes: [node], returning } }
    }
    case 'apply': {
      const { remove } = request
      const recorded = remove?.prune ? await readRecordedCluster(store.database, desired.metadata.name) : null
      return { operation: 'apply', remove: remove && removalOf(remove, desired.spec, recorded) }
    }
  }
}
