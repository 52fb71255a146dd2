import { z } from 'zod'
import type { HostAccess } from '../../src/hosts/access.ts'
import { type FenceMark, fenceDirectory } from '../../src/hosts/fenceMark.ts'
import { runPython } from '../../src/hosts/python.ts'

/** Takes fence and interpreter from a host that leaves its cluster; itself an act under the fence. */
export async function removeFence(access: HostAccess, hostname: string, mark: FenceMark): Promise<void> {
  const request = { module: 'slipway.unfence', arguments: { directory: fenceDirectory }, fence: mark }
  await runPython(access, hostname, request, z.object({ removed: z.literal(true) }))
}
