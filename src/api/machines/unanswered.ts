import type { MachineCheck } from '../../contract/machines.ts'
import { atMost } from '../../engine/plan/atMost.ts'
import { silenceOf, silenceRemedy } from '../../machines/silence.ts'
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
  const whole = records.filter(({ status }) => status === 'active')
  const asked = await Promise.all(
    whole.map(async ({ name }) => ({
      name,
      silence: await slot(() => silenceOf(machines.session(name), signal), signal),
    })),
  )
  return asked.flatMap(({ name: machine, silence }) =>
    silence === null
      ? []
      : [{ machine, address: silence.address, reason: silence.reason, remedy: silenceRemedy(machine, silence) }],
  )
}
