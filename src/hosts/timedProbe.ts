import type { HostAccess } from './access.ts'
import type { ClockFacts } from './machineFacts.ts'

/**
 * What a probe tells of a host, and what its times say of the host's clock.
 * @throws SlipwayError what `HostAccess.connect` and the probe throw.
 */
export async function timedProbe<
  Facts extends { readonly time: { readonly started: number; readonly finished: number } },
>(access: HostAccess, hostname: string, probe: () => Promise<Facts>): Promise<Facts & ClockFacts> {
  // Dialling must not count into the round trip.
  await access.connect(hostname)
  const sent = Date.now() / 1000
  const facts = await probe()
  const received = Date.now() / 1000
  const { started, finished } = facts.time
  return {
    ...facts,
    clock_skew: (started - sent + (finished - received)) / 2,
    round_trip: Math.max(0, received - sent - (finished - started)),
  }
}
