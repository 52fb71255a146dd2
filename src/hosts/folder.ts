import { z } from 'zod'
import type { HostAccess } from './access.ts'
import { runPython } from './python.ts'

const reply = z.object({
  /** `usable`: it is there, or can be made. */
  state: z.enum(['usable', 'no-folder', 'dangling', 'read-only', 'unreadable']),
  /** What stands in its way, or the part of its path that is there. */
  at: z.string().max(4096),
})
export type FolderState = z.infer<typeof reply>

/** s, as a folder may lie on a network drive that is dead. */
const deadline = 5

/**
 * Whether a folder of a host can be written to once it was made; nothing is made.
 * @throws SlipwayError what `runPython` throws.
 */
export function folderOn(
  access: HostAccess,
  hostname: string,
  folder: string,
  signal: AbortSignal,
): Promise<FolderState> {
  const request = {
    module: 'slipway.folder',
    arguments: { folder, deadline },
    timeout: (deadline + 1) * 1000,
    signal,
  }
  return runPython(access, hostname, request, reply)
}
