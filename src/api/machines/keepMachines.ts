import type { KeyFile } from '../../domain/clusterFile/keyFiles.ts'
import { machinesOf } from '../../machines/clusterMachines.ts'
import type { SettingsFile } from '../../machines/contract.ts'
import { writtenSpec } from '../../machines/spec.ts'
import { findMachine, machineScope, putMachine } from '../../store/machines.ts'
import { nextMachineUid } from '../../store/machineUid.ts'
import { keepFiles } from '../../store/storedFiles.ts'
import type { DatabaseTransaction } from '../../store/tables.ts'
import type { Application } from '../application.ts'
import type { Draft } from '../plans/draft.ts'

/** Files that a machine's settings name, in the form of those of a cluster file. */
export const keyFilesOf = (files: readonly SettingsFile[]): readonly KeyFile[] =>
  files.map(({ file, path, kind }) => ({ file, kind, path: path.split('.') }))

/** Puts the machines that a cluster asks for on record, in the transaction of its desired state. */
export async function keepMachines(
  tx: DatabaseTransaction,
  { sealer }: Pick<Application, 'sealer'>,
  { desired, operation, files }: Draft,
): Promise<void> {
  if (operation.operation !== 'apply') return
  for (const { name, reading } of machinesOf(desired.spec)) {
    if (!reading?.ok) continue
    const { spec, provider } = reading
    const uid = (await findMachine(tx, name))?.uid ?? (await nextMachineUid(tx, sealer, name))
    await putMachine(tx, { name, uid, provider: provider.name, spec: writtenSpec(spec) })
    await keepFiles(tx, sealer, machineScope(name), keyFilesOf(reading.files), files)
  }
}
