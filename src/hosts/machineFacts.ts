import { z } from 'zod'

/** What any host's probe tells of the machine itself. Units stand in the names; snake case as everywhere in data. */
export const short = z.string().max(1000)
export const count = z.int().min(0)
export const path = z.string().max(4096)

export const disk = z.object({
  path,
  /** Mount point that holds `path`. */
  mount: path,
  free_mib: count,
  size_mib: count,
  /** null where the file system has no fixed number of inodes. */
  inodes_free: count.nullable(),
  read_only: z.boolean(),
  noexec: z.boolean(),
})

/** A unit of systemd. */
export const service = z.object({
  load: short,
  active: short,
  sub: short,
  enabled: z.boolean(),
  restarts: count,
  /** 0: no process. */
  main_pid: count,
  /** As systemd prints it; empty when it never ran. */
  started: short,
  result: short,
  /** It runs, and something that it has read was changed since; no crash in between hides it. */
  restart_pending: z.boolean(),
})

export const machineFacts = z.object({
  hostname: short,
  machine_id: short.nullable(),
  product_uuid: short.nullable(),
  os: z.object({ id: short, version_id: short, name: short }),
  /** As uname says: `x86_64`, `aarch64`. */
  arch: short,
  kernel: short,
  cpus: count,
  memory_mib: count,
  swap_mib: count,
  /** The one that Ansible's modules get: where the host's python3 is too old for them, the newest there is. */
  python: z.object({ path, version: short }),
  /** Effective user of the probe: 0 when login or sudo lead to root. */
  uid: count,
  /** `addresses` as text; those of all interfaces are `0.0.0.0` and `::`. */
  listening: z
    .array(z.object({ port: count, addresses: z.array(short).max(50), process: short.nullable() }))
    .max(70_000),
  /** Of all interfaces but the loopback's; null: the host does not say. */
  addresses: z.array(short).max(100_000).nullable(),
  /** The same with the interface and the length of the prefix; null: likewise. */
  interfaces: z
    .array(z.object({ interface: short, address: short, prefix: count }))
    .max(100_000)
    .nullable(),
  /** Other at every boot of every machine; containers of one machine share it. */
  boot_id: short.nullable(),
  /** Fingerprints of its SSH host keys, `SHA256:…`; clones share them. */
  host_keys: z.array(short).max(20),
  selinux: z.enum(['disabled', 'permissive', 'enforcing']),
  apparmor: z.boolean(),
  firewall: z.object({ firewalld: z.boolean(), ufw: z.boolean() }),
  fence: z.object({ epoch: count, number: count, installation: short, cluster: short }).nullable(),
  /** The host's clock, s since 1970, when the probe began and ended. */
  time: z.object({ started: z.number(), finished: z.number() }),
})

export interface ClockFacts {
  /** Host's clock minus ours, s; certain to half of `round_trip`. */
  readonly clock_skew: number
  /** s, without the time the probe itself took. */
  readonly round_trip: number
}
