import type { MachineWish } from '../../contract/machines.ts'
import { readAcceptance } from '../../domain/acceptance.ts'
import { keyFileFault, type KeyFile } from '../../domain/clusterFile/keyFiles.ts'
import { type Finding, SlipwayError } from '../../domain/errors.ts'
import { machineSubject } from '../../domain/machine.ts'
import type { SettingsFault } from '../../machines/contract.ts'
import { filesOf, type MachineSpec, readMachineSpec, writtenSpec } from '../../machines/spec.ts'
import { leaseNumber } from '../../store/leases.ts'
import { findMachine, type MachineRecord } from '../../store/machines.ts'
import { findMachineUse } from '../../store/machineUse.ts'
import type { Application } from '../application.ts'
import { keyFilesOf } from './keepMachines.ts'
import { recordedSpec } from './recordedSpec.ts'
import type { MachineDraft } from './wanted.ts'

/**
 * @returns null for one that is to be destroyed and is not on record: there is nothing to do.
 * @throws SlipwayError `machine-invalid` with everything that is wrong, `machine-exists`, `usage`, `stored-state-refused`.
 */
export async function machineDraft(
  { store, distributions }: Application,
  name: string,
  wish: MachineWish,
): Promise<MachineDraft | null> {
  const record = await findMachine(store.database, name)
  const turns = await leaseNumber(store.database, machineSubject(name))
  const use = record && (await findMachineUse(store.database, name, record.addresses))
  const known = { name, record, turns, use }
  const accepted = readAcceptance(distributions.findings, wish.accept, [name])
  if (wish.operation === 'destroy') {
    if (!record) return null
    const { spec, provider, files } = recordedSpec(record)
    const keyFiles = keyFilesOf(files)
    return { ...known, operation: 'machine-destroy', spec, provider, keyFiles, files: {}, accepted, changed: false }
  }
  const given = wish.spec ?? record?.spec
  if (given === undefined)
    throw new SlipwayError('machine-invalid', `machine ${name} is not on record, and nothing is said of it`, {
      remedy: 'Say who makes it, with --provider or a file.',
    })
  const read = readMachineSpec(given as Record<string, unknown>)
  if (!read.ok) throw invalid(name, read.faults)
  const { spec, provider } = read
  const keyFiles = keyFilesOf(filesOf(spec, provider))
  const faults = keyFiles.flatMap(key => fileFaults(key, wish.files[key.file]))
  if (faults.length > 0) throw invalid(name, faults)
  const differing = record === null ? [] : differences(record, spec)
  if (differing.length > 0 && !wish.change)
    throw new SlipwayError(
      'machine-exists',
      `there is a machine ${name} already, and it has other settings: ${differing.join(', ')}`,
      { facts: { machine: name } },
    )
  const changed = record === null || differing.length > 0
  return { ...known, operation: 'machine-create', spec, provider, keyFiles, files: wish.files, accepted, changed }
}

/** Contents that were sent are what they are to be; those that were not are on record, or are missed when they are needed. */
function fileFaults(key: KeyFile, text: string | undefined): readonly SettingsFault[] {
  if (text === undefined) return []
  const fault = keyFileFault(key, new TextEncoder().encode(text))
  return fault ? [{ ...fault, path: key.path.join('.') }] : []
}

function invalid(name: string, faults: readonly SettingsFault[]): SlipwayError {
  const findings = faults.map(
    (fault): Finding => ({
      name: fault.name,
      severity: 'error',
      about: fault.path === '' ? `machine ${name}` : `machine ${name}: ${fault.path}`,
      message: fault.message,
      remedy: fault.remedy,
    }),
  )
  return new SlipwayError(
    'machine-invalid',
    `machine ${name}: ${findings.length} ${findings.length === 1 ? 'error' : 'errors'}`,
    {
      findings,
    },
  )
}

/** `memory 2048 → 4096` */
function differences(record: MachineRecord, spec: MachineSpec): readonly string[] {
  const before = flat('', record.spec)
  const after = flat('', writtenSpec(spec))
  return [...new Set([...before.keys(), ...after.keys()])]
    .toSorted()
    .flatMap(key =>
      before.get(key) === after.get(key)
        ? []
        : [`${key} ${before.get(key) ?? 'nothing'} → ${after.get(key) ?? 'nothing'}`],
    )
}

const flat = (path: string, value: unknown): ReadonlyMap<string, string> =>
  typeof value === 'object' && value !== null
    ? new Map(Object.entries(value).flatMap(([key, below]) => [...flat(path === '' ? key : `${path}.${key}`, below)]))
    : new Map([[path, JSON.stringify(value)]])
