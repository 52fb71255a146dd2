import { z } from 'zod'
import type { HostAccess } from '../../../hosts/access.ts'
import { runPython } from '../../../hosts/python.ts'

const file = z.object({ path: z.string().max(4096), content: z.base64() })

const reply = z.object({
  /** As the machine calls itself. */
  hostname: z.string().max(300),
  /** config.yaml and what lies beside it, in the order in which RKE2 reads them. */
  files: z.array(file).max(200),
  /** There is a registries.yaml. */
  registries: z.boolean(),
  server: z
    .object({
      token: z.string().max(10_000).nullable(),
      agent_token: z.string().max(10_000).nullable(),
      kubeconfig: z.string().nullable(),
    })
    .nullable(),
})
export type Written = z.infer<typeof reply>
export type WrittenFile = Written['files'][number]

/** s */
const deadline = 20

/**
 * What lies on a host for RKE2, in clear; with `server` also what a server keeps of its cluster.
 * @throws SlipwayError as `runPython` says.
 */
export const readWritten = (
  hosts: HostAccess,
  hostname: string,
  server: { readonly data_dir: string; readonly kubeconfig: string } | null,
  signal: AbortSignal,
): Promise<Written> =>
  runPython(
    hosts,
    hostname,
    {
      module: 'slipway.rke2.written',
      arguments: { data_dir: server?.data_dir ?? null, kubeconfig: server?.kubeconfig ?? null, deadline },
      timeout: (deadline + 5) * 1000,
      maxOutput: 16 * 1024 * 1024,
      signal,
    },
    reply,
  )
