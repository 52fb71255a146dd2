import { z } from 'zod'
import { archive } from '../../hosts/pythonArchive.ts'

const asked = z.union([
  z
    .object({ hmac_key: z.string(), release_directories: z.array(z.string()) })
    .transform(({ release_directories }) => ({ what: 'observe' as const, folders: release_directories })),
  z
    .object({ unit: z.string(), deadline: z.number() })
    .transform(({ deadline }) => ({ what: 'service' as const, deadline })),
  z
    .object({ node: z.string(), deadline: z.number() })
    .transform(({ node, deadline }) => ({ what: 'node' as const, node, deadline })),
  z.object({ folder: z.string() }).transform(({ folder }) => ({ what: 'folder' as const, folder })),
  z.object({ name: z.string() }).transform(() => ({ what: 'name' as const })),
  z.object({ package: z.string() }).transform(() => ({ what: 'package' as const })),
  z.object({ peers: z.array(z.string()) }).transform(({ peers }) => ({ what: 'vrrp' as const, peers })),
  z.object({ address: z.string(), interface: z.string() }).transform(() => ({ what: 'neighbour' as const })),
  z.object({ address: z.string(), timeout: z.number() }).transform(() => ({ what: 'vip' as const })),
  z.object({ urls: z.array(z.string()) }).transform(({ urls }) => ({ what: 'release' as const, urls })),
  z
    .object({ targets: z.array(z.object({ address: z.string(), port: z.int() })) })
    .transform(({ targets }) => ({ what: 'ports' as const, targets })),
])

/** What a host is asked for by a program: its arguments stand behind the package (python.ts). */
export const requestOf = (stdin: Uint8Array) =>
  asked.parse(JSON.parse(Buffer.from(stdin).subarray(archive().length).toString()))
