import { z } from 'zod'
import type { HostAccess } from './access.ts'
import { runPython } from './python.ts'

export interface PortTarget {
  readonly address: string
  readonly port: number
}

const portReport = z.object({
  ports: z
    .array(
      z.object({
        address: z.string(),
        port: z.int(),
        state: z.enum(['open', 'refused', 'unreachable']),
        error: z.string().nullable(),
      }),
    )
    .max(100_000),
})
export type PortState = z.infer<typeof portReport>['ports'][number]

/**
 * Whether TCP ports can be reached from a host. `refused` means that nothing listens but nothing is in the way either.
 * @param timeout ms for each; all are tried at the same time.
 */
export async function checkPorts(
  access: HostAccess,
  hostname: string,
  targets: readonly PortTarget[],
  timeout = 3000,
  options: { signal?: AbortSignal; environment?: Readonly<Record<string, string>> } = {},
): Promise<readonly PortState[]> {
  const request = {
    module: 'slipway.ports',
    arguments: { targets, timeout: timeout / 1000 },
    timeout: timeout + 15_000,
    sudo: false,
    ...options,
  }
  return (await runPython(access, hostname, request, portReport)).ports
}
