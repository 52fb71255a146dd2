import { z } from 'zod'
import type { StageContext } from '../../../engine/contract/stage.ts'
import { runPython } from '../../../hosts/python.ts'
import type { ReachedHost } from '../observedHost.ts'
import type { Rke2Session } from '../session.ts'

const reply = z.object({
  /** Why the package cannot be installed; null when nothing speaks against it. */
  error: z.string().max(1000).nullable(),
})
export type Availability = z.infer<typeof reply>

/** Whether a host's package manager could install keepalived; changes nothing there. */
export function availability(
  session: Rke2Session,
  { node: { hostname } }: ReachedHost,
  { observations, signal }: StageContext,
): Promise<Availability> {
  return observations.read(`keepalived/${hostname}`, async () => {
    const request = {
      module: 'slipway.packages',
      arguments: { package: 'keepalived' },
      timeout: 150_000,
      signal,
    }
    return runPython(await session.hosts(), hostname, request, reply)
  })
}
