import { SlipwayError } from '../../domain/errors.ts'
import { readMachineSpec, type SpecReading } from '../../machines/spec.ts'
import type { MachineRecord } from '../../store/machines.ts'

/** The settings of a machine on record. @throws SlipwayError `stored-state-refused` for those that this version does not take. */
export function recordedSpec({
  name,
  spec,
}: Pick<MachineRecord, 'name' | 'spec'>): Extract<SpecReading, { readonly ok: true }> {
  const reading = readMachineSpec(spec)
  if (reading.ok) return reading
  const [fault] = reading.faults
  throw new SlipwayError('stored-state-refused', `machine ${name}: ${fault?.path}: ${fault?.message}`, {
    remedy:
      fault?.path === 'provider'
        ? 'Name the folder of its provider in SLIPWAY_PROVIDERS, as it was when the machine was made.'
        : 'Create it anew with settings that this version takes, or take it away with the version that made it.',
  })
}
