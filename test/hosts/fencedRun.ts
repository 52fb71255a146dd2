import type { HostAccess } from '../../src/hosts/access.ts'
import { type FenceMark, fencedCommand, refusedByFence } from '../../src/hosts/fenceMark.ts'
import type { RemoteRequest, RemoteResult } from '../../src/hosts/remoteRun.ts'

/**
 * Runs a shell command that changes the host: only while its fence is this one, under the shared lock.
 * @throws SlipwayError `fence-refused`, and what `HostAccess.run` throws.
 */
export async function runFenced(
  access: HostAccess,
  hostname: string,
  mark: FenceMark,
  request: RemoteRequest,
): Promise<RemoteResult> {
  const result = await access.run(hostname, { ...request, command: fencedCommand(mark, request.command) })
  const refused = result.exitCode === 97 ? refusedByFence(hostname, result.stdout) : undefined
  if (refused) throw refused
  return result
}
