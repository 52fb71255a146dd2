import { removedByName } from '../contract/operations.ts'
import type { Pipeline } from '../distributions/contract.ts'
import { acceptedToStay } from '../domain/acceptance.ts'
import type { ClusterFile } from '../domain/cluster.ts'
import type { Finding } from '../domain/errors.ts'
import { machineOfToken, machinesIn, withAddresses } from '../domain/machineToken.ts'
import type { RecordedCluster } from '../domain/recordedCluster.ts'
import type { Draft } from '../api/plans/draft.ts'
import type { MachineSession } from '../machines/session.ts'
import { behindMachines } from '../machines/inPipeline.ts'
import { type ClusterMachine, machinesOf } from '../machines/clusterMachines.ts'
import { movedNodes } from '../machines/movedNodes.ts'
import { findMachine } from '../store/machines.ts'
import { readMachineAddresses } from '../store/machineAddresses.ts'
import type { Database } from '../store/tables.ts'
import type { MachineSessions } from './machineSessions.ts'

/** A cluster with the addresses of its machines in it, as far as they have some, and how it is planned with them. */
export interface WithMachines {
  readonly desired: ClusterFile
  /** The stages of the cluster behind those that make its machines. */
  pipeline(of: (desired: ClusterFile, recorded: RecordedCluster | null) => Pipeline): Pipeline
  /** Of a machine that the draft asks for. */
  session(machine: string): MachineSession
}

/** @param draft its desired state has tokens in the place of the addresses of machines. */
export async function withMachines(
  database: Database,
  sessions: MachineSessions,
  draft: Pick<Draft, 'desired' | 'files' | 'accepted'> & { readonly operation: Draft['operation'] | null },
  recorded: RecordedCluster | null,
): Promise<WithMachines> {
  const known = await readMachineAddresses(database, machinesIn([draft.desired.spec.nodes, recorded?.nodes]))
  const desired = withAddresses(draft.desired, known)
  const all = draft.operation?.operation === 'apply' ? machinesOf(draft.desired.spec) : []
  const wanted = all.flatMap(({ name, reading }) => (reading?.ok ? [{ name, ...reading }] : []))
  const missing = await unknownMachines(database, all)
  const moved =
    draft.operation?.operation === 'apply'
      ? movedNodes(
          { cluster: draft.desired.metadata.name, nodes: draft.desired.spec.nodes },
          recorded,
          known,
          removedByName(draft.operation),
        )
      : []
  const going = await onRecord(database, goingMachines(draft, recorded))
  return {
    desired,
    pipeline(of) {
      const pipeline = of(desired, withAddresses(recorded, known))
      if (all.length === 0 && going.length === 0) return { ...pipeline, findings: [...moved, ...pipeline.findings] }
      const named = of(draft.desired, recorded)
      const names = wanted.map(({ name }) => name)
      const uninstalled = draft.operation?.operation === 'uninstall' ? draft.desired.metadata.name : null
      return {
        ...pipeline,
        stages: behindMachines(pipeline.stages, named.stages, names, going, uninstalled),
        findings: [...moved, ...missing, ...pipeline.findings],
      }
    },
    session(machine) {
      const found = wanted.find(({ name }) => name === machine)
      // One that goes is as it is on record.
      if (!found) return sessions.session(machine)
      const { name, spec, provider } = found
      return sessions.draft({ name, spec, provider, files: draft.files })
    },
  }
}

/** Machines of nodes that leave, where they are to go as well: not of those that are left to whoever has them by now. */
function goingMachines(
  { operation, accepted }: { readonly operation: Draft['operation'] | null; readonly accepted: Draft['accepted'] },
  recorded: RecordedCluster | null,
): readonly string[] {
  const theirs = acceptedToStay(accepted)
  return (recorded?.nodes ?? []).flatMap(({ hostname, internal_ip: address }) => {
    const machine = machineOfToken(address)
    return machine !== null && takesMachineOf(operation, hostname) && !theirs.has(hostname) ? [machine] : []
  })
}

function takesMachineOf(operation: Draft['operation'] | null, hostname: string): boolean {
  if (operation?.operation === 'uninstall') return operation.destroy_machines
  if (operation?.operation !== 'apply' || !operation.remove?.destroy_machines) return false
  const { nodes, returning } = operation.remove
  return nodes.includes(hostname) && !returning.includes(hostname)
}

/** One that is off the record already is nobody's to destroy. */
async function onRecord(database: Database, names: readonly string[]): Promise<readonly string[]> {
  const found = await Promise.all(names.map(name => findMachine(database, name)))
  return found.flatMap(machine => machine?.name ?? [])
}

/** Machines of which the file says nothing, and that are not on record either. */
async function unknownMachines(database: Database, all: readonly ClusterMachine[]): Promise<readonly Finding[]> {
  const unsaid = all.filter(({ reading }) => reading === null)
  const found = await Promise.all(
    unsaid.map(
      async ({ name }): Promise<readonly Finding[]> =>
        (await findMachine(database, name)) === null
          ? [
              {
                name: 'machine-unknown',
                severity: 'error',
                about: `machine ${name}`,
                message: `a node is to be on machine ${name}, which is not on record, and the file does not say who makes it`,
                remedy: `Add spec.machines with a provider; or make it first: slipway machine create ${name}.`,
              },
            ]
          : [],
    ),
  )
  return found.flat()
}
