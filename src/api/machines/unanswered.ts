import type { MachineCheck } from '../../contract/machines.ts'
import { SlipwayError } from '../../domain/errors.ts'
import { atMost } from '../../engine/plan/atMost.ts'
import { unlikeItself } from '../../machines/answers.ts'
import type { MachineRecord } from '../../store/machines.ts'
import type { Application } from '../application.ts'

/** Machines that are asked at once; one that is off takes the 10 s of a connection. */
const atOnce = 32

/** Machines that are whole on record and don't answer: what made them may not know that they are gone, or off. */
export async function unansweredOf(
  { machines }: Application,
  records: readonly MachineRecord[],
  signal: AbortSignal,
): Promise<MachineCheck['unanswered']> {
  const slot = atMost(atOnce)
  const asked = records.flatMap(({ name, status, addresses: [address] }) =>
    status === 'active' && address !== undefined ? [slot(() => ask(name, address), signal)] : [],
  )
  return (await Promise.all(asked)).flatMap(one => one ?? [])

  async function ask(machine: string, address: string): Promise<MachineCheck['unanswered'][number] | null> {
    const lost = `See what it is at its provider. Where it is lost: slipway machine destroy ${machine}, and create it again.`
    try {
      const reason = await unlikeItself(machines.session(machine), address, signal)
      return reason === null ? null : { machine, address, reason, remedy: lost }
    } catch (error) {
      signal.throwIfAborted()
      if (!(error instanceof SlipwayError)) throw error
      const remedy = error.code === 'host-key-changed' ? error.remedy : lost
      return { machine, address, reason: error.message, remedy }
    }
  }
}
