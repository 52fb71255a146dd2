import { z } from 'zod'
import { folderStates, type SnapshotFolder } from '../../../domain/snapshots.ts'
import type { HostAccess } from '../../../hosts/access.ts'
import { runPython } from '../../../hosts/python.ts'

const reply = z.object({
  folder_state: z.enum(folderStates),
  newest: z
    .object({ name: z.string(), size: z.int(), modified: z.number().min(0).max(8e12), age_s: z.number().min(0) })
    .nullable(),
  count: z.int(),
})

/** s that a folder may take to be listed: one on a dead network drive must not hold up the others. */
const deadline = 5

/**
 * The snapshots of etcd in a host's folder, by one command that reads only.
 * @throws SlipwayError what `runPython` throws.
 */
export async function snapshotsIn(
  access: HostAccess,
  hostname: string,
  folder: string,
  signal: AbortSignal,
): Promise<SnapshotFolder> {
  const request = {
    module: 'slipway.rke2.snapshots',
    arguments: { folder, deadline },
    timeout: (deadline + 1) * 1000,
    signal,
  }
  const { newest, ...seen } = await runPython(access, hostname, request, reply)
  if (newest === null) return { ...seen, newest }
  const { name, size, modified, age_s } = newest
  const taken = `${new Date(modified * 1000).toISOString().slice(0, 19)}Z`
  return { ...seen, newest: { name, size, taken, age_s: Math.round(age_s) } }
}
