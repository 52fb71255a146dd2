import type { OperationRequest } from '../../contract/operations.ts'
import type { PlanRequest } from '../../contract/plans.ts'
import { readAcceptance } from '../../domain/acceptance.ts'
import type { ClusterFile } from '../../domain/cluster.ts'
import { SlipwayError } from '../../domain/errors.ts'
import { readDesiredState } from '../../store/clusters.ts'
import { readStoredFiles } from '../../store/storedFiles.ts'
import type { Application } from '../application.ts'
import { readDocument } from '../documents/readDocument.ts'
import type { Draft } from './draft.ts'

/**
 * The desired state that a request is about, with its secrets, and what is to be done with it.
 * @throws SlipwayError `usage`, `cluster-file-invalid`, `not-found`, `stored-state-refused`.
 */
export async function draftOf(application: Application, request: PlanRequest): Promise<Draft> {
  const { document, operation } = request
  if (document) {
    if (operation.operation !== 'apply')
      throw new SlipwayError('usage', `${operation.operation} is done to a cluster on record: a document is not wanted`)
    const { desired, keyFiles, files } = readDocument(application.distributions, document)
    return { desired, operation, keyFiles, files, accepted: acceptedFor(application, desired, request) }
  }
  const { store, sealer, distributions } = application
  const name = request.cluster ?? ''
  const stored = distributions.read(await readDesiredState(store.database, name))
  const wanted = scaled(stored, operation)
  const keyFiles = distributions.keyFilesOf(wanted.desired.spec)
  const files = await readStoredFiles(store.database, sealer, name, keyFiles)
  return { ...wanted, keyFiles, files, accepted: acceptedFor(application, stored, request) }
}

/** To scale is to apply another desired state: the plan is the one of a file that was edited so. */
function scaled(stored: ClusterFile, request: OperationRequest): Pick<Draft, 'desired' | 'operation'> {
  if (request.operation !== 'scale-remove') return { desired: stored, operation: request }
  const { operation: _operation, ...remove } = request
  const { spec } = stored
  const nodes = spec.nodes.filter(({ hostname }) => !remove.nodes.includes(hostname))
  return { desired: { ...stored, spec: { ...spec, nodes } }, operation: { operation: 'apply', remove } }
}

/** Machines are named by words of acceptance also when they leave. */
function acceptedFor({ distributions }: Application, { spec }: ClusterFile, { accept, operation }: PlanRequest) {
  const leaving = operation.operation === 'apply' ? (operation.remove?.nodes ?? []) : operation.nodes
  return readAcceptance(distributions.findings, accept, [...spec.nodes.map(({ hostname }) => hostname), ...leaving])
}
