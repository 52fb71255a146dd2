import { z } from 'zod'
import type { HostAccess } from './access.ts'
import { runPython } from './python.ts'

const reply = z.object({ addresses: z.array(z.string().max(100)).max(100), error: z.string().max(1000).nullable() })
export type ResolvedName = z.infer<typeof reply>

/**
 * What a host's own resolver says of a name: its addresses, or why there are none.
 * @throws SlipwayError as `runPython` does.
 */
export function resolveOn(
  access: HostAccess,
  hostname: string,
  name: string,
  options: { readonly signal?: AbortSignal } = {},
): Promise<ResolvedName> {
  const request = {
    module: 'slipway.resolve',
    arguments: { name },
    timeout: 30_000,
    sudo: false,
    ...options,
  }
  return runPython(access, hostname, request, reply)
}
