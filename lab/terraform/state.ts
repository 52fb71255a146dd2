import { z } from 'zod'

/** A fault on demand: what an operation meets, such as `domain.create`, `droplet.delete`, `volume.create`. */
export interface Rule {
  readonly on: string
  /** Of the thing; without it, of any. */
  readonly name?: string
  /** How many operations meet it; without it, all. */
  readonly times?: number
  /** ms before it is done; for `domain.lease`, until the address is told; for `cloudinit.upload`, until the disk is there. */
  readonly delay?: number
  /** It is refused in these words; of DigitalOcean with this status as well. */
  readonly message?: string
  readonly status?: number
  /** What is waited for does not come, such as a lease. */
  readonly never?: boolean
  /** The provider is killed before it has done it, or after, and before it says so. */
  readonly crash?: 'before' | 'after'
}

const machine = { host: z.string(), address: z.string() }
const named = z.looseObject({ name: z.string() })

/** What there is of everything, as the stand-ins keep it; by its id. */
export const CloudState = z.looseObject({
  pools: z.record(z.string(), named),
  volumes: z.record(z.string(), named),
  networks: z.record(z.string(), named),
  domains: z.record(z.string(), z.looseObject({ name: z.string(), ...machine })),
  keys: z.record(z.string(), named),
  vpcs: z.record(z.string(), named),
  tags: z.record(z.string(), z.boolean()),
  droplets: z.record(z.string(), z.looseObject({ name: z.string(), status: z.string(), ...machine })),
  firewalls: z.record(z.string(), named),
  load_balancers: z.record(z.string(), named),
})
export type CloudState = z.infer<typeof CloudState>
