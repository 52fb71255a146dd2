import { z } from 'zod'
import type { HostAccess } from './access.ts'
import type { RaiseOptions } from './fence.ts'
import { type FenceMark, fenceDirectory } from './fenceMark.ts'
import { runPython } from './python.ts'

/** Takes fence and interpreter from a host that leaves its cluster; itself an act under the fence. */
export async function removeFence(
  access: HostAccess,
  hostname: string,
  mark: FenceMark,
  { signal, environment }: Pick<RaiseOptions, 'signal' | 'environment'> = {},
): Promise<void> {
  const request = { module: 'slipway.unfence', arguments: { directory: fenceDirectory }, fence: mark }
  await runPython(
    access,
    hostname,
    { ...request, ...(signal && { signal }), ...(environment && { environment }) },
    z.object({ removed: z.literal(true) }),
  )
}
