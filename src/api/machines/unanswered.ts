import type { MachineCheck } from '../../contract/machines.ts'
import { SlipwayError } from '../../domain/errors.ts'
import { atMost } from '../../engine/plan/atMost.ts'
import type { MachineRecord } from '../../store/machines.ts'
import type { Application } from '../application.ts'

/** Connections that are opened at once; one to a machine that is off takes its 10 s. */
const atOnce = 32

/** Machines that are whole on record and let nobody in: what made them may not know that they are gone, or off. */
export async function unansweredOf(
  { machines }: Application,
  records: readonly MachineRecord[],
  signal: AbortSignal,
): Promise<MachineCheck['unanswered']> {
  const slot = atMost(atOnce)
  const asked = records.flatMap(({ name, status, addresses: [address] }) =>
    status === 'active' && address !== undefined ? [slot(() => refusal(name, address), signal)] : [],
  )
  return (await Promise.all(asked)).flatMap(one => one ?? [])

  async function refusal(machine: string, address: string): Promise<MachineCheck['unanswered'][number] | null> {
    try {
      const hosts = await machines.session(machine).hosts(address)
      try {
        await hosts.connect(machine)
      } finally {
        await hosts.close()
      }
      return null
    } catch (error) {
      signal.throwIfAborted()
      if (!(error instanceof SlipwayError)) throw error
      return { machine, address, reason: error.message, remedy: error.remedy }
    }
  }
}
